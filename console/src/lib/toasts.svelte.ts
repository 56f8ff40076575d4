// Short messages at the edge of the page, some with a way back.
import { told } from './told'

/** How long something can be taken back. */
export const UNDO_MILLISECONDS = 10000

export interface Toast {
  id: number
  kind: 'good' | 'bad'
  text: string
  undo?: () => void
}

class Toasts {
  list = $state<Toast[]>([])
  private next = 1

  say(text: string, undo?: () => void): void {
    this.add({ id: this.next++, kind: 'good', text, undo }, undo ? UNDO_MILLISECONDS : 5000)
  }

  /** What went wrong, in the server's own words. */
  fail(error: unknown): void {
    const text = told(error)
    this.add({ id: this.next++, kind: 'bad', text }, 12000)
  }

  /** Waits for it. False: it failed, and that is told. */
  attempt(what: Promise<unknown>): Promise<boolean> {
    return what.then(
      () => true,
      (e: unknown) => {
        this.fail(e)
        return false
      }
    )
  }

  close(id: number): void {
    this.list = this.list.filter((toast) => toast.id !== id)
  }

  private add(toast: Toast, milliseconds: number): void {
    this.list = [...this.list.slice(-4), toast]
    setTimeout(() => this.close(toast.id), milliseconds)
  }
}

export const toasts = new Toasts()
