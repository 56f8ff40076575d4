// The table of candidates: pages of rows fetched as one scrolls, by filter; at most a few thousand are kept.
import { api, totalOf, type Schemas } from './api'

export type Candidate = Schemas['Candidate'] & Partial<Pick<Schemas['CandidateFound'], 'highlights'>>
export interface Filter {
  q: string
  status: string
  skills: string
}

const PAGE = 100
const KEPT = 5000

export class CandidateTable {
  rows = $state.raw<(Candidate | undefined)[]>([])
  total = $state(0)
  capped = $state(false)
  loading = $state(false)
  error = $state.raw<unknown>(null)
  private filter: Filter = { q: '', status: '', skills: '' }
  private asked = new Set<number>()
  private round = 0

  /** Begins anew with this filter. The rows shown stay until the new ones are there. */
  async show(filter: Filter): Promise<void> {
    this.filter = filter
    this.round++
    this.asked.clear()
    await this.page(0, true)
  }

  /** The same filter again, for what has changed meanwhile. */
  again(): Promise<void> {
    return this.show(this.filter)
  }

  /** Makes sure that the rows from, up to but without to, are there or on their way. */
  need(from: number, to: number): void {
    for (let page = Math.floor(from / PAGE); page * PAGE < Math.min(to, this.total); page++)
      if (!this.asked.has(page)) void this.page(page, false)
  }

  private async page(page: number, fresh: boolean): Promise<void> {
    const round = this.round
    this.asked.add(page)
    this.loading = fresh
    try {
      const { data, response } = await this.ask(page * PAGE)
      if (round !== this.round) return
      const count = totalOf(response)
      const rows = fresh ? [] : this.rows.slice()
      const more = count.capped && data.length === PAGE ? (page + 1) * PAGE + PAGE : 0
      this.total = Math.max(count.total, more, fresh ? 0 : this.total)
      if (data.length < PAGE) this.total = page * PAGE + data.length
      rows.length = this.total
      data.forEach((row, i) => (rows[page * PAGE + i] = row))
      this.forget(rows, page)
      this.rows = rows
      this.capped = count.capped
      this.error = null
    } catch (e) {
      if (round !== this.round) return
      this.asked.delete(page)
      this.error = e
    } finally {
      if (round === this.round) this.loading = false
    }
  }

  private async ask(skip: number): Promise<{ data: Candidate[]; response: Response }> {
    const { q, status, skills } = this.filter
    const query = { skip, limit: PAGE, status_filter: (status || undefined) as never, skills: skills || undefined }
    const { data, response } = q
      ? await api.GET('/api/v1/candidates/search', { params: { query: { ...query, q } } })
      : await api.GET('/api/v1/candidates/', { params: { query } })
    return { data: data as Candidate[], response }
  }

  /** Lets go of the pages far from the one that came, so that a hundred thousand rows need no more room than a few. */
  private forget(rows: (Candidate | undefined)[], near: number): void {
    if (this.asked.size * PAGE <= KEPT) return
    for (const page of [...this.asked].sort((a, b) => Math.abs(b - near) - Math.abs(a - near))) {
      if (this.asked.size * PAGE <= KEPT) return
      this.asked.delete(page)
      for (let i = 0; i < PAGE; i++) rows[page * PAGE + i] = undefined
    }
  }
}

/** All that fit the filter, page by page, for an export; at most 100,000. */
export async function* every(filter: Filter): AsyncGenerator<Candidate> {
  for (let skip = 0; skip < 100000; skip += 500) {
    const query = { skip, limit: 500, status_filter: (filter.status || undefined) as never, skills: filter.skills || undefined }
    const { data } = filter.q
      ? await api.GET('/api/v1/candidates/search', { params: { query: { ...query, q: filter.q } } })
      : await api.GET('/api/v1/candidates/', { params: { query } })
    yield* data as Candidate[]
    if ((data as Candidate[]).length < 500) return
  }
}
