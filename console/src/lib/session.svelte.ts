// Who is signed in. A session that ends in the middle of work leaves the page where it is, behind the login; whoever logs in
// again finds it as it was, and what was under way is repeated. The tabs of one browser share the cookie, so they follow each
// other: a login in one opens the others, a logout closes them.
import { api, Failure, refresh, setToken, whenSignedOut, type Schemas } from './api'
import { deletions } from './deletions.svelte'
import { uploads } from './uploads.svelte'

type User = Schemas['User']
const MARK = 'signed-in'
const ranks = ['viewer', 'recruiter', 'hr_manager', 'admin']

class Session {
  user = $state<User | null>(null)
  ready = $state(false)
  /** The session of `user` is over; their page waits for them. */
  ended = $state(false)
  /** Whether the server runs with DEBUG=True: what is for development only is shown. */
  development = $state(false)
  private waiting: ((same: boolean) => void)[] = []

  constructor() {
    whenSignedOut(() => this.end())
    addEventListener('storage', (event) => {
      if (event.key !== MARK) return
      if (event.newValue === null) this.leave()
      else if (this.ended || this.user === null) void this.resume().catch(() => undefined)
    })
  }

  /** At the start: the cookie may still hold a session. */
  async restore(): Promise<void> {
    try {
      // Without the cookie of an earlier login there is nothing to ask for; the mark tells, for no script sees the cookie.
      if (localStorage.getItem(MARK)) await this.resume()
    } catch (e) {
      if (!(e instanceof Failure)) throw e
    } finally {
      this.ready = true
    }
  }

  async login(username: string, password: string): Promise<void> {
    const { data } = await api.POST('/api/v1/auth/login', { body: { username, password } })
    setToken(data!.access_token)
    // Another value each time, so that the other tabs hear of it.
    localStorage.setItem(MARK, crypto.randomUUID())
    await this.load()
  }

  async logout(): Promise<void> {
    await deletions.now()
    await api.POST('/api/v1/auth/logout', { body: {} as never }).catch(() => undefined)
    localStorage.removeItem(MARK)
    this.leave()
  }

  /** Asks who is signed in, and lets go on what waited for that. */
  async load(): Promise<void> {
    const [me, health] = await Promise.all([api.GET('/api/v1/users/me'), api.GET('/health')])
    const same = this.user?.id === me.data!.id
    if (!same) uploads.drop()
    this.development = health.data!.environment === 'development'
    this.user = me.data!
    this.ended = false
    this.release(same)
  }

  /** Whether the user's role is at least this one. */
  may(role: string): boolean {
    return this.user !== null && (this.user.is_superuser || ranks.indexOf(this.user.role) >= ranks.indexOf(role))
  }

  private async resume(): Promise<void> {
    if (await refresh()) await this.load()
  }

  private end(): Promise<boolean> {
    if (this.user === null) return Promise.resolve(false)
    this.ended = true
    return new Promise((resolve) => this.waiting.push(resolve))
  }

  private leave(): void {
    setToken(null)
    uploads.drop()
    this.user = null
    this.ended = false
    this.release(false)
  }

  private release(same: boolean): void {
    for (const resolve of this.waiting.splice(0)) resolve(same)
  }
}

export const session = new Session()
