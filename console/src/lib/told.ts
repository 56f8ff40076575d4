// What went wrong, as a sentence for whoever sits in front of it.
import { Unreachable } from './api'
import { t } from './i18n.svelte'

export function told(error: unknown): string {
  if (error instanceof Unreachable) return t('problem.offline')
  return error instanceof Error ? error.message : String(error)
}
