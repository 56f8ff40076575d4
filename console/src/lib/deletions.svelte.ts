// Deletions that can be taken back: the server is asked when the time for that is over, or when the page is left.
import { t } from './i18n.svelte'
import { toasts, UNDO_MILLISECONDS } from './toasts.svelte'

interface Deletion {
  run: () => Promise<void>
  timer: number
}

class Deletions {
  private marked = $state.raw<ReadonlySet<string>>(new Set())
  private open = new Set<Deletion>()

  constructor() {
    addEventListener('pagehide', () => void this.now())
  }

  /** Whether this one (`candidate/7`) is deleted, or as good as that. */
  has(mark: string): boolean {
    return this.marked.has(mark)
  }

  /** Deletes those later, each by remove, unless that is undone; `over` is called when they are gone. */
  later<T>(what: T[], markOf: (item: T) => string, remove: (item: T) => Promise<unknown>, over: () => void): void {
    const one = async (item: T): Promise<void> => {
      try {
        await remove(item)
      } catch (e) {
        this.unmark([markOf(item)])
        toasts.fail(e)
      }
    }
    const deletion: Deletion = {
      timer: 0,
      run: async () => {
        this.close(deletion)
        await Promise.all(what.map(one))
        over()
      }
    }
    deletion.timer = window.setTimeout(() => void deletion.run(), UNDO_MILLISECONDS)
    this.open.add(deletion)
    this.marked = new Set([...this.marked, ...what.map(markOf)])
    toasts.say(t('deleted', { n: what.length }), () => {
      if (this.close(deletion)) this.unmark(what.map(markOf))
    })
  }

  /** Does at once what was put off. */
  async now(): Promise<void> {
    await Promise.all([...this.open].map((deletion) => deletion.run()))
  }

  /** False: it is under way already. */
  private close(deletion: Deletion): boolean {
    clearTimeout(deletion.timer)
    return this.open.delete(deletion)
  }

  private unmark(marks: string[]): void {
    const back = new Set(marks)
    this.marked = new Set([...this.marked].filter((mark) => !back.has(mark)))
  }
}

export const deletions = new Deletions()
