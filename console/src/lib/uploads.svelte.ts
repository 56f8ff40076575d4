// Files on their way: a few at a time, each with its progress, and, once they are there, what became of reading them. What the
// network or a restart of the server cuts off is sent again: the same bytes become one candidate only.
import { api, Failure, failureOf, getToken, pause, renewed, Unreachable } from './api'
import { live } from './live.svelte'
import { told } from './told'

export type Step = 'waiting' | 'held' | 'sending' | 'queued' | 'reading' | 'done' | 'known' | 'failed'
export interface Upload {
  key: number
  name: string
  size: number
  step: Step
  sent: number
  candidate?: number
  why?: string
}
interface Answer {
  id: number
  duplicate: boolean
  status: string
}

const AT_ONCE = 3
const HEARD = 500
const LOOK_AGAIN = 15
const ASK_AGAIN = 2
const AWAY = [429, 502, 503, 504]
const endings = /\.(pdf|docx?)$/i

class Uploads {
  list = $state<Upload[]>([])
  private files = new Map<number, File>()
  private heard = new Map<number, { type: string; data: Record<string, unknown> }>()
  private underway = new Set<number>()
  private openings = 0 // of the connection by which one hears of the reading
  private next = 1

  constructor() {
    live.on((type, data) => this.hear(type, data))
    live.onOpen(() => {
      this.openings++
      void this.catchUp()
    })
    addEventListener('beforeunload', (event) => {
      if (this.list.some((u) => ['waiting', 'held', 'sending'].includes(u.step))) event.preventDefault()
    })
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
    if (upload.step !== 'failed' || !this.files.has(upload.key)) return
    upload.step = 'waiting'
    upload.why = undefined
    this.pump()
  }

  clear(): void {
    const over = new Set(this.list.filter((u) => ['done', 'known', 'failed'].includes(u.step)).map((u) => u.key))
    for (const key of over) this.files.delete(key)
    this.list = this.list.filter((u) => !over.has(u.key))
  }

  /** Forgets all of them: whose they were has left. */
  drop(): void {
    this.files.clear()
    this.heard.clear()
    this.list = []
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

  /** What was told of the candidates while the connection was away is asked for, until it is known or the connection is lost again. */
  private async catchUp(): Promise<void> {
    const opening = this.openings
    for (;;) {
      try {
        return await this.look()
      } catch {
        await pause(ASK_AGAIN)
        if (opening !== this.openings || !live.connected) return
      }
    }
  }

  private async look(): Promise<void> {
    const open = this.list.filter((u) => u.candidate !== undefined && ['queued', 'reading'].includes(u.step))
    if (open.length === 0) return
    const { data } = await api.GET('/api/v1/candidates/', { params: { query: { limit: 500 } } })
    const newest = new Map(data!.map((c) => [c.id, c]))
    for (const upload of open) {
      const id = upload.candidate!
      try {
        const now = newest.get(id) ?? (await api.GET('/api/v1/candidates/{candidate_id}', { params: { path: { candidate_id: id } } })).data!
        this.settle(upload, now.status, now.error_message)
      } catch (e) {
        if (!(e instanceof Failure && e.status === 404)) throw e
        this.end(upload, 'failed', e.message) // deleted meanwhile
      }
    }
  }

  private settle(upload: Upload, status: string, why: string | null): void {
    if (status === 'completed') this.end(upload, 'done')
    else if (status === 'failed') this.end(upload, 'failed', why ?? '')
    else upload.step = status === 'processing' ? 'reading' : 'queued'
  }

  private end(upload: Upload, step: Step, why?: string): void {
    upload.step = step
    upload.why = why
    if (step !== 'failed') this.files.delete(upload.key)
  }

  private pump(): void {
    for (const upload of this.list) {
      if (this.underway.size >= AT_ONCE) return
      if (upload.step !== 'waiting' || this.underway.has(upload.key)) continue
      this.underway.add(upload.key)
      void this.bring(upload).finally(() => {
        this.underway.delete(upload.key)
        this.pump()
      })
    }
  }

  /** Sends it as often as it takes, until the server has said something about the file itself. */
  private async bring(upload: Upload): Promise<void> {
    for (let before = 0, refused = 0; this.files.has(upload.key); before++) {
      upload.step = 'sending'
      upload.sent = 0
      try {
        const used = getToken()
        const openings = this.openings
        const reply = await this.post(upload)
        if (reply.status === 401 && refused++ < 3 && (await renewed(used))) continue
        if (AWAY.includes(reply.status)) {
          upload.step = 'waiting'
          await pause(Number(reply.headers.get('Retry-After')) || 2)
          continue
        }
        if (!reply.ok) throw await failureOf(reply)
        this.arrived(upload, (await reply.json()) as Answer, before > 0)
        if (openings !== this.openings) void this.catchUp() // what was told before the connection came back was not heard
        return
      } catch (e) {
        if (!this.files.has(upload.key)) return
        const away = e instanceof Unreachable || (e instanceof Failure && AWAY.includes(e.status))
        if (!away) return this.end(upload, 'failed', told(e))
        upload.step = 'held'
        await live.back(LOOK_AGAIN)
      }
    }
  }

  /** sentBefore: an earlier try may have arrived, though its answer did not; that is no duplicate then. */
  private arrived(upload: Upload, answer: Answer, sentBefore: boolean): void {
    upload.candidate = answer.id
    if (answer.duplicate && !sentBefore) return this.end(upload, 'known')
    upload.step = 'queued'
    const said = this.heard.get(answer.id)
    if (said) this.hear(said.type, said.data)
    else if (answer.duplicate) this.settle(upload, answer.status, null)
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
      request.onerror = () => {
        live.doubt()
        reject(new Unreachable('The server cannot be reached'))
      }
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
