// A resumable upload (tus 1.0, https://tus.io/protocols/resumable-upload): the server keeps what has come, so after a pause, a
// lost connection or its restart the file goes on where it stopped, for as long as it takes. Where it lies there is kept on this
// machine too, so that the same file, chosen again after the page was closed, goes on as well.
import { Failure, failureOf } from './api'

const PLACE = '/api/v1/video-uploads/'
const SLICE = 16 * 1024 * 1024
const PAUSE_MAX = 15000

export interface Caller {
  /** The value of Authorization, as it is now. */
  authorization: () => string
  /** After a 401: whether there is a new one. */
  renew: () => Promise<boolean>
}

interface State {
  offset: number
  video_id: number | null
}

export class Upload {
  state = $state<'sending' | 'paused' | 'interrupted' | 'done' | 'failed'>('sending')
  sent = $state(0)
  error = $state.raw<unknown>(null)
  private place: string
  private kept: string
  private round = 0
  private request: XMLHttpRequest | null = null

  constructor(
    readonly file: File,
    private question: number,
    private caller: Caller
  ) {
    this.kept = `upload:${[question, file.name, file.size, file.lastModified].join(':')}`
    this.place = localStorage.getItem(this.kept) ?? ''
  }

  get size(): number {
    return this.file.size
  }

  /** Sends until all has come; null if it was paused or given up meanwhile, else the number of the video. */
  async run(): Promise<number | null> {
    const round = ++this.round
    for (let pause = 500; ; pause = Math.min(pause * 2, PAUSE_MAX)) {
      const before = this.sent
      try {
        this.state = 'sending'
        const video = await this.finish(round)
        if (round !== this.round) return null
        localStorage.removeItem(this.kept)
        this.state = 'done'
        return video
      } catch (e) {
        if (round !== this.round) return null
        if (isFinal(e)) {
          this.error = e
          this.state = 'failed'
          throw e
        }
        // What is on the line of the request that broke is still being written: soon, and no sooner, the file is free.
        if (this.sent > before || (e instanceof Failure && e.status === 409)) pause = 500
      }
      this.state = 'interrupted'
      await rest(pause)
      if (round !== this.round) return null
    }
  }

  pause(): void {
    this.round++
    this.request?.abort()
    this.state = 'paused'
  }

  /** Stops, and has the server forget what came; what it refused it has forgotten. */
  async giveUp(): Promise<void> {
    const refused = this.state === 'failed'
    this.pause()
    localStorage.removeItem(this.kept)
    if (this.place && !refused) await this.ask('DELETE', this.place).catch(() => undefined)
  }

  private async finish(round: number): Promise<number> {
    if (!this.place) await this.begin()
    for (;;) {
      const { offset, video_id } = await this.look()
      this.sent = offset
      if (video_id !== null) return video_id
      if (round !== this.round) return 0
      await this.append(offset)
    }
  }

  private async begin(): Promise<void> {
    const metadata = `filename ${base64(this.file.name)},question_id ${base64(String(this.question))}`
    const reply = await this.ask('POST', PLACE, { 'Upload-Length': String(this.size), 'Upload-Metadata': metadata })
    this.place = reply.headers.get('Location')!
    localStorage.setItem(this.kept, this.place)
  }

  private async look(): Promise<State> {
    try {
      return (await (await this.ask('GET', this.place)).json()) as State
    } catch (e) {
      // The server has given it up (after a day), or it is another person's: anew from the start.
      if (!(e instanceof Failure) || (e.status !== 404 && e.status !== 410)) throw e
      await this.begin()
      return { offset: 0, video_id: null }
    }
  }

  private async ask(method: string, path: string, headers: Record<string, string> = {}, again = true): Promise<Response> {
    const reply = await fetch(path, { method, headers: { 'Tus-Resumable': '1.0.0', Authorization: this.caller.authorization(), ...headers } })
    if (reply.status === 401 && again && (await this.caller.renew())) return this.ask(method, path, headers, false)
    if (!reply.ok) throw await failureOf(reply)
    return reply
  }

  /** XMLHttpRequest, because fetch tells nothing of the way up. */
  private append(offset: number): Promise<void> {
    return new Promise((resolve, reject) => {
      const request = (this.request = new XMLHttpRequest())
      request.open('PATCH', this.place)
      request.setRequestHeader('Authorization', this.caller.authorization())
      request.setRequestHeader('Tus-Resumable', '1.0.0')
      request.setRequestHeader('Upload-Offset', String(offset))
      request.setRequestHeader('Content-Type', 'application/offset+octet-stream')
      request.upload.onprogress = (event) => (this.sent = offset + event.loaded)
      request.onerror = () => reject(new TypeError('network'))
      request.onabort = () => reject(new TypeError('aborted'))
      request.onload = () => (request.status === 204 ? resolve() : void refused(request).then(reject, reject))
      request.send(this.file.slice(offset, offset + SLICE))
    })
  }
}

function refused(request: XMLHttpRequest): Promise<Failure> {
  return failureOf(new Response(request.responseText, { status: request.status, statusText: request.statusText }))
}

/** Whether trying again would not help. */
function isFinal(e: unknown): boolean {
  return e instanceof Failure && e.status < 500 && ![408, 409, 423, 429].includes(e.status)
}

/** A pause that ends early when the browser is connected again. */
function rest(milliseconds: number): Promise<void> {
  return new Promise((resolve) => {
    const go = () => (clearTimeout(timer), removeEventListener('online', go), resolve())
    const timer = setTimeout(go, milliseconds)
    addEventListener('online', go)
  })
}

function base64(text: string): string {
  return btoa(String.fromCharCode(...new TextEncoder().encode(text)))
}
