// The WebSocket: what the server tells of candidates, mail and scheduled jobs, as it happens. Comes back by itself, with a
// pause that grows; whoever shows something asks for it again when it is back (onOpen), for what was told meanwhile is lost.
import { api, getToken, whenUnreachable } from './api'
import { soon } from './soon'

type Listener = (type: string, data: Record<string, unknown>) => void
const FIRST_PAUSE = 500
const LONGEST_PAUSE = 15000

function kept<T>(set: Set<T>, item: T): () => void {
  set.add(item)
  return () => set.delete(item)
}

class Live {
  connected = $state(false)
  /** It was there, or should be by now, and is not. */
  lost = $state(false)
  private socket: WebSocket | null = null
  private listeners = new Set<Listener>()
  private openers = new Set<() => void>()
  private wanted = false
  private pause = FIRST_PAUSE
  private timer = 0
  private id = crypto.randomUUID()

  constructor() {
    whenUnreachable(() => this.doubt())
    addEventListener('offline', () => this.doubt())
    addEventListener('online', () => this.now())
  }

  on(listener: Listener): () => void {
    return kept(this.listeners, listener)
  }

  /** Does the work soon after events whose type begins so, but not for each of many. */
  follow(kind: string, work: () => Promise<unknown>): () => void {
    const look = soon(work)
    const off = this.on((type) => type.startsWith(kind) && look.ask())
    return () => {
      off()
      look.stop()
    }
  }

  /** Calls back each time that the connection is there (again). */
  onOpen(opener: () => void): () => void {
    return kept(this.openers, opener)
  }

  /** Waits until the connection is there, or for that many seconds at most: sockets may be forbidden where requests are not. */
  back(seconds: number): Promise<void> {
    return new Promise((resolve) => {
      const done = (): void => {
        off()
        clearTimeout(timer)
        resolve()
      }
      const off = this.onOpen(done)
      const timer = setTimeout(done, seconds * 1000)
    })
  }

  start(): void {
    if (this.wanted) return
    this.wanted = true
    this.open()
  }

  stop(): void {
    this.wanted = false
    this.lost = false
    clearTimeout(this.timer)
    this.drop()
  }

  /** Tries at once, without the rest of the pause. */
  now(): void {
    if (!this.wanted || this.connected) return
    this.pause = FIRST_PAUSE
    clearTimeout(this.timer)
    void this.again()
  }

  private drop(): void {
    const socket = this.socket
    this.socket = null
    this.connected = false
    socket?.close()
  }

  /** Something did not reach the server: whether the socket still does shows when it is opened anew. */
  doubt(): void {
    if (!this.wanted || this.lost) return
    this.drop()
    this.closed()
  }

  private open(): void {
    const token = getToken()
    if (!this.wanted || !token || this.socket) return
    const scheme = location.protocol === 'https:' ? 'wss' : 'ws'
    // The token travels as a subprotocol: an address would stand in logs.
    const socket = new WebSocket(`${scheme}://${location.host}/ws/console-${this.id}`, ['vitae', token])
    this.socket = socket
    socket.onopen = () => {
      if (socket !== this.socket) return
      this.connected = true
      this.lost = false
      this.pause = FIRST_PAUSE
      for (const opener of [...this.openers]) opener()
    }
    socket.onmessage = (event) => this.hear(String(event.data))
    socket.onclose = () => {
      if (socket !== this.socket) return
      this.drop()
      this.closed()
    }
  }

  private hear(text: string): void {
    const message = JSON.parse(text) as { type: string; data?: Record<string, unknown> }
    for (const listener of this.listeners) listener(message.type, message.data ?? {})
  }

  private closed(): void {
    if (!this.wanted) return
    this.lost = true
    clearTimeout(this.timer)
    // Not all at the same moment: a server that was restarted has many pages waiting for it.
    this.timer = window.setTimeout(() => void this.again(), this.pause * (0.75 + Math.random() / 2))
    this.pause = Math.min(this.pause * 2, LONGEST_PAUSE)
  }

  /** A small request first: it renews the token if need be, and tells the server's absence from its refusal. */
  private async again(): Promise<void> {
    try {
      await api.GET('/api/v1/users/me')
      this.open()
    } catch {
      this.closed()
    }
  }
}

export const live = new Live()
