// The page in the part of the address behind "#", so that the server knows one page only: "#/candidates/7?q=go".
/** A part of an address as it was before it was encoded; null: it never was. */
function plain(part: string): string | null {
  try {
    return decodeURIComponent(part)
  } catch {
    return null
  }
}

class Router {
  path = $state('/')
  query = $state(new URLSearchParams())

  constructor() {
    this.read()
    addEventListener('hashchange', () => this.read())
  }

  private read(): void {
    const { path, query } = this.address()
    this.path = path
    this.query = new URLSearchParams(query)
  }

  private address(): { path: string; query: string } {
    const [path, query] = location.hash.slice(1).split('?')
    return { path: path || '/', query: query ?? '' }
  }

  go(to: string): void {
    location.hash = to
  }

  /** Where an answer leads, unless one has left the page that asked. */
  from(path: string, to: string): void {
    if (this.address().path === path) this.go(to)
  }

  /** Changes values of the query without a new step in the history; empty ones are removed. */
  set(values: Record<string, string>): void {
    if (this.address().path !== this.path) return // somebody is leaving; "hashchange" comes later than the address
    const query = new URLSearchParams(this.query)
    for (const [name, value] of Object.entries(values)) {
      if (value) query.set(name, value)
      else query.delete(name)
    }
    const text = query.toString()
    history.replaceState(null, '', `#${this.path}${text ? '?' + text : ''}`)
    this.query = query
  }

  /** The parts of the path that stand for {names} in the pattern, or null. */
  match(pattern: string): Record<string, string> | null {
    const wanted = pattern.split('/')
    const given = this.path.split('/')
    if (wanted.length !== given.length) return null
    const found: Record<string, string> = {}
    for (const [i, part] of wanted.entries()) {
      const name = /^\{(\w+)\}$/.exec(part)?.[1]
      const value = plain(given[i] ?? '')
      if (name && value === null) return null
      if (name) found[name] = value!
      else if (part !== given[i]) return null
    }
    return found
  }
}

export const router = new Router()
