// Blind mode: whoever looks at candidates sees neither name nor contact nor photo, until they turn it off in this window.
const KEPT = 'blind'
const COVER = '▪▪▪'

class Blind {
  on = $state(sessionStorage.getItem(KEPT) === '1')

  set(on: boolean): void {
    this.on = on
    sessionStorage.setItem(KEPT, on ? '1' : '0')
  }
}

export const blind = new Blind()

const email = /[\p{L}\p{N}._%+-]+\s?@\s?[\p{L}\p{N}.-]+/gu
const address = /\b(?:https?:\/\/|www\.)\S+|\b[\w-]+(?:\.[\w-]+)*\.(?:com|org|net|io|dev|me|de|fr|es|eu|uk|ch|at)\b(?:\/\S*)?/giu
const telephone = /(?<![\p{L}\p{N}])(?:\+|\(|00)?\d[\d\s().\/-]{5,}\d(?!\p{N})/gu

/** Years and dates look like telephone numbers; with one of this or the last century in it, it is none. */
function isDate(number: string): boolean {
  return !/^(\+|00|\()/.test(number) && /\b(19|20)\d\d\b/.test(number)
}

function escaped(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')
}

/** Covers e-mail addresses, links, telephone numbers, and what is known of the person: each of these words. */
export function cover(text: string, known: (string | null | undefined)[]): string {
  const covered = text.replace(email, COVER).replace(address, COVER).replace(telephone, (n) => (isDate(n) ? n : COVER))
  const words = new Set(known.flatMap((value) => (value ?? '').split(/[^\p{L}\p{N}]+/u)).filter((word) => word.length > 1))
  if (words.size === 0) return covered
  const any = [...words].sort((a, b) => b.length - a.length).map(escaped).join('|')
  return covered.replace(new RegExp(`(?<![\\p{L}\\p{N}])(?:${any})(?![\\p{L}\\p{N}])`, 'giu'), COVER)
}
