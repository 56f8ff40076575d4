// A list that comes page by page with its total, as all lists of the API do.
import { totalOf } from './api'

type Ask<T> = (skip: number, limit: number) => Promise<{ data?: T[]; response: Response }>

export class Pager<T> {
  rows = $state.raw<T[]>([])
  total = $state(0)
  capped = $state(false)
  skip = $state(0)
  loading = $state(true)
  error = $state.raw<unknown>(null)
  private round = 0

  constructor(
    private ask: Ask<T>,
    readonly limit = 50
  ) {}

  async load(skip = this.skip): Promise<void> {
    const round = ++this.round
    this.loading = true
    try {
      const { data, response } = await this.ask(skip, this.limit)
      if (round !== this.round) return
      const { total, capped } = totalOf(response)
      // The last rows of the last page are gone: the page before is the last now.
      if (data?.length === 0 && skip > 0 && total > 0) return await this.load(Math.floor((Math.min(total, skip) - 1) / this.limit) * this.limit)
      Object.assign(this, { rows: data ?? [], total, capped, skip, error: null })
    } catch (e) {
      if (round === this.round) this.error = e
    } finally {
      if (round === this.round) this.loading = false
    }
  }
}
