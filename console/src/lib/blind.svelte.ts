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
const address = /(?:https?:\/\/|www\.)\S+|[\p{L}\p{N}-]+(?:\.[\p{L}\p{N}-]+)+\/\S*/giu
const telephone = /(?<![\p{L}\p{N}])(?:\+|\(|00)?\d[\d\s().\/-]{5,}\d(?!\p{N})/gu

/** Years and dates look like telephone numbers; with one of this or the last century in it, it is none. */
function isDate(number: string): boolean {
  return !/^(\+|00|\()/.test(number) && /\b(19|20)\d\d\b/.test(number)
}

function escaped(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')
}

/** Covers e-mail addresses, links and telephone numbers, the name and each of its longer words, and what else is known of the
    person as it stands. A skill like ASP.NET is no link, and "de" no name. */
export function cover(text: string, name: string | null | undefined, known: (string | null | undefined)[] = []): string {
  const covered = text.replace(email, COVER).replace(address, COVER).replace(telephone, (n) => (isDate(n) ? n : COVER))
  const words = (name ?? '').split(/[^\p{L}\p{N}]+/u).filter((word) => word.length > 2)
  const whole = [name, ...known].map((value) => (value ?? '').replace(/^https?:\/\/(www\.)?/, '').trim()).filter((value) => value.length > 1)
  const all = [...new Set([...whole, ...words])].sort((a, b) => b.length - a.length).map(escaped)
  return all.length === 0 ? covered : covered.replace(new RegExp(`(?<![\\p{L}\\p{N}])(?:${all.join('|')})(?![\\p{L}\\p{N}])`, 'giu'), COVER)
}
