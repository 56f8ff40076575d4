// The WebSocket: what the server tells of candidates, mail and scheduled jobs, as it happens. Comes back by itself, with a
// pause that grows; whoever shows a list asks for it again when it is back (the tick of `connected`).
import { getToken, refresh } from './api'

type Listener = (type: string, data: Record<string, unknown>) => void

class Live {
  connected = $state(false)
  private socket: WebSocket | null = null
  private listeners = new Set<Listener>()
  private wanted = false
  private pause = 500
  private timer = 0
  private id = crypto.randomUUID()

  on(listener: Listener): () => void {
    this.listeners.add(listener)
    return () => this.listeners.delete(listener)
  }

  start(): void {
    if (this.wanted) return
    this.wanted = true
    this.open()
  }

  stop(): void {
    this.wanted = false
    clearTimeout(this.timer)
    this.socket?.close()
  }

  private open(): void {
    const token = getToken()
    if (!this.wanted || !token) return
    const scheme = location.protocol === 'https:' ? 'wss' : 'ws'
    // The token travels as a subprotocol: an address would stand in logs.
    this.socket = new WebSocket(`${scheme}://${location.host}/ws/console-${this.id}`, ['vitae', token])
    this.socket.onopen = () => {
      this.connected = true
      this.pause = 500
    }
    this.socket.onmessage = (event) => this.hear(String(event.data))
    this.socket.onclose = () => this.closed()
  }

  private hear(text: string): void {
    const message = JSON.parse(text) as { type: string; data?: Record<string, unknown> }
    for (const listener of this.listeners) listener(message.type, message.data ?? {})
  }

  private closed(): void {
    this.connected = false
    this.socket = null
    if (!this.wanted) return
    this.timer = window.setTimeout(async () => {
      await refresh().catch(() => false)
      this.open()
    }, this.pause)
    this.pause = Math.min(this.pause * 2, 15000)
  }
}

export const live = new Live()
