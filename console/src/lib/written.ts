// What a language model writes, as it comes: server-sent events in the reply to a POST.
import { Failure, failureOf, send, Unreachable } from './api'

interface Delta {
  field: string
  index: number
  text: string
}

/** Asks, tells each piece, and returns the whole reply. `onrestart`: what has come so far is void, it begins anew. */
export async function written<T>(path: string, body: object, onpiece: (piece: Delta) => void, onrestart: () => void, signal: AbortSignal): Promise<T> {
  const reply = await send(
    new Request(location.origin + path, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify({ ...body, stream: true }),
      signal
    })
  )
  if (!reply.ok || !reply.body) throw await failureOf(reply)
  const reader = reply.body.pipeThrough(new TextDecoderStream()).getReader()
  let kept = ''
  for (;;) {
    const { done, value } = await reader.read().catch((e: unknown) => {
      throw e instanceof TypeError ? new Unreachable('The connection broke off') : e
    })
    if (done) throw new Unreachable('The stream ended early')
    const events = (kept + value).split('\n\n')
    kept = events.pop() ?? ''
    for (const event of events) {
      const name = /^event: (.*)$/m.exec(event)?.[1]
      const data = JSON.parse(/^data: (.*)$/m.exec(event)?.[1] ?? 'null') as unknown
      if (name === 'delta') onpiece(data as Delta)
      if (name === 'restart') onrestart()
      if (name === 'done') return data as T
      if (name === 'error') {
        const { status, detail } = data as { status: number; detail: string }
        throw new Failure(status, detail)
      }
    }
  }
}

/** The text in parts, those marked that nothing supports. */
export function claims(text: string, unsupported: string[]): { text: string; bad: boolean }[] {
  const words = unsupported.filter(Boolean).sort((a, b) => b.length - a.length)
  if (words.length === 0) return [{ text, bad: false }]
  const pattern = new RegExp(`(${words.map((word) => word.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')).join('|')})`, 'i')
  return text.split(pattern).map((part, i) => ({ text: part, bad: i % 2 === 1 }))
}
