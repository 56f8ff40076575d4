// Files on their way: a few at a time, each with its progress, and, once they are there, what became of reading them.
import { failureOf, getToken, refresh } from './api'
import { live } from './live.svelte'

export type Step = 'waiting' | 'sending' | 'queued' | 'reading' | 'done' | 'known' | 'failed'
export interface Upload {
  key: number
  name: string
  size: number
  step: Step
  sent: number
  candidate?: number
  why?: string
}

const AT_ONCE = 3
const HEARD = 500
const endings = /\.(pdf|docx?)$/i

class Uploads {
  list = $state<Upload[]>([])
  private files = new Map<number, File>()
  private heard = new Map<number, { type: string; data: Record<string, unknown> }>()
  private running = 0
  private next = 1

  constructor() {
    live.on((type, data) => this.hear(type, data))
  }

  /** Takes files that look like résumés; returns how many others were left out. */
  add(files: File[]): number {
    const wanted = files.filter((file) => endings.test(file.name))
    for (const file of wanted) {
      const key = this.next++
      this.files.set(key, file)
      this.list.push({ key, name: file.name, size: file.size, step: 'waiting', sent: 0 })
    }
    this.pump()
    return files.length - wanted.length
  }

  retry(upload: Upload): void {
    if (!this.files.has(upload.key)) return
    upload.step = 'waiting'
    upload.why = undefined
    this.pump()
  }

  clear(): void {
    const over = new Set(this.list.filter((u) => ['done', 'known', 'failed'].includes(u.step)).map((u) => u.key))
    for (const key of over) this.files.delete(key)
    this.list = this.list.filter((u) => !over.has(u.key))
  }

  private hear(type: string, data: Record<string, unknown>): void {
    // Reading may be over before the upload's own answer is here: the last word about each is kept for a while.
    this.heard.delete(Number(data.id))
    this.heard.set(Number(data.id), { type, data })
    if (this.heard.size > HEARD) this.heard.delete(this.heard.keys().next().value!)
    const upload = this.list.find((u) => u.candidate !== undefined && u.candidate === Number(data.id))
    if (!upload) return
    if (type === 'candidate.processing') upload.step = 'reading'
    if (type === 'candidate.completed') this.end(upload, 'done')
    if (type === 'candidate.failed') this.end(upload, 'failed', String(data.error_message ?? ''))
  }

  /** For those whose end was told while the socket was away. */
  settle(id: number, status: string, why: string | null): void {
    const upload = this.list.find((u) => u.candidate === id)
    if (upload && status === 'completed') this.end(upload, 'done')
    if (upload && status === 'failed') this.end(upload, 'failed', why ?? '')
  }

  /** The candidates whose end is not known yet. */
  open(): number[] {
    return this.list.filter((u) => u.candidate !== undefined && ['queued', 'reading'].includes(u.step)).map((u) => u.candidate!)
  }

  private end(upload: Upload, step: Step, why?: string): void {
    upload.step = step
    upload.why = why
    if (step !== 'failed') this.files.delete(upload.key)
  }

  private pump(): void {
    for (const upload of this.list) {
      if (this.running >= AT_ONCE) return
      if (upload.step !== 'waiting') continue
      this.running++
      upload.step = 'sending'
      void this.send(upload).finally(() => {
        this.running--
        this.pump()
      })
    }
  }

  private async send(upload: Upload, again = true): Promise<void> {
    try {
      const reply = await this.post(upload)
      if (reply.status === 401 && again && (await refresh())) return this.send(upload, false)
      if (reply.status === 429 || reply.status === 503) return this.later(upload, Number(reply.headers.get('Retry-After')) || 2)
      if (!reply.ok) throw await failureOf(reply)
      const body = (await reply.json()) as { id: number; duplicate?: boolean; status: string }
      upload.candidate = body.id
      if (body.duplicate) this.end(upload, 'known')
      else {
        upload.step = 'queued'
        const said = this.heard.get(body.id)
        if (said) this.hear(said.type, said.data)
      }
    } catch (e) {
      if (e instanceof TypeError) return this.later(upload, 2)
      this.end(upload, 'failed', e instanceof Error ? e.message : String(e))
    }
  }

  /** The server is away or busy: the same file again after a pause, as often as it takes. */
  private later(upload: Upload, seconds: number): Promise<void> {
    return new Promise((resolve) =>
      setTimeout(() => {
        upload.step = 'waiting'
        resolve()
      }, seconds * 1000)
    )
  }

  /** XMLHttpRequest, because fetch tells nothing of the way up. */
  private post(upload: Upload): Promise<Response> {
    return new Promise((resolve, reject) => {
      const request = new XMLHttpRequest()
      const form = new FormData()
      form.append('file', this.files.get(upload.key)!, upload.name)
      request.open('POST', '/api/v1/candidates/upload')
      request.setRequestHeader('Authorization', `Bearer ${getToken()}`)
      request.upload.onprogress = (event) => (upload.sent = event.loaded / event.total)
      request.onerror = () => reject(new TypeError('network'))
      request.onload = () =>
        resolve(new Response(request.responseText, { status: request.status, headers: headersOf(request) }))
      request.send(form)
    })
  }
}

function headersOf(request: XMLHttpRequest): Headers {
  const headers = new Headers()
  for (const line of request.getAllResponseHeaders().trim().split(/\r?\n/)) {
    const [name, ...value] = line.split(': ')
    if (name) headers.append(name, value.join(': '))
  }
  return headers
}

export const uploads = new Uploads()
