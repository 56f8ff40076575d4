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
const BEYOND = 20000

export class CandidateTable {
  rows = $state.raw<(Candidate | undefined)[]>([])
  /** Rows that the table has room for. */
  total = $state(0)
  /** How many are known of; capped: there are more. */
  counted = $state(0)
  capped = $state(false)
  loading = $state(false)
  error = $state.raw<unknown>(null)
  private filter: Filter = { q: '', status: '', skills: '' }
  private asked = new Set<number>()
  private round = 0
  private view = { from: 0, to: PAGE }
  private begun = false // the rows shown are those of this filter
  private ended = false // total is the number of all, beyond the server's cap too

  /** Begins anew with this filter. The rows shown stay until the new ones are there. */
  async show(filter: Filter): Promise<void> {
    this.filter = filter
    this.begun = false
    this.ended = false
    this.round++
    this.asked.clear()
    await this.page(0, true)
  }

  /** The rows in view again, for what has changed meanwhile; the others when they are next needed. */
  async again(): Promise<void> {
    if (!this.begun) return this.show(this.filter)
    const { from, to } = this.view
    const pages: Promise<void>[] = []
    this.ended = false
    this.round++
    this.asked.clear()
    for (let page = Math.floor(from / PAGE); page * PAGE < Math.max(to, from + 1); page++) pages.push(this.page(page, false))
    await Promise.all(pages)
  }

  /** Makes sure that the rows from, up to but without to, are there or on their way. */
  need(from: number, to: number): void {
    this.view = { from, to }
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
      const total = await this.totalAfter(page, data.length, count, fresh)
      if (round !== this.round) return
      const rows = fresh ? [] : this.rows.slice()
      this.total = total
      rows.length = this.total
      data.forEach((row, i) => (rows[page * PAGE + i] = row))
      this.forget(rows, page)
      this.rows = rows
      this.begun ||= fresh
      this.capped = count.capped && !this.ended
      this.counted = this.ended ? this.total : count.total
      this.error = null
    } catch (e) {
      if (round !== this.round) return
      this.asked.delete(page)
      this.error = e
    } finally {
      if (round === this.round) this.loading = false
    }
  }

  /** How many there are, as far as that is known: the server counts up to its cap. Beyond, the table is taken to go on for a good
      deal as long as its last page is full; a page that is not tells the end, an empty one that it is before. */
  private async totalAfter(page: number, n: number, count: { total: number; capped: boolean }, fresh: boolean): Promise<number> {
    const known = fresh ? count.total : Math.max(count.total, this.total)
    if (!count.capped) return count.total
    if (this.ended) return this.total
    if (n === PAGE) return (page + 1) * PAGE >= known ? (page + 1) * PAGE + BEYOND : fresh ? count.total + BEYOND : known
    const end = n > 0 || page === 0 ? page * PAGE + n : await this.end(0, page)
    this.ended = true
    return end
  }

  /** The number of rows, by halving: the page `full` is not empty, the page `empty` is. */
  private async end(full: number, empty: number): Promise<number> {
    while (empty - full > 1) {
      const middle = Math.floor((full + empty) / 2)
      const { data } = await this.ask(middle * PAGE)
      if (data.length === PAGE) full = middle
      else if (data.length > 0) return middle * PAGE + data.length
      else empty = middle
    }
    return empty * PAGE
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
