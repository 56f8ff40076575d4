// CSV that is safe to open in a spreadsheet: no cell is a formula.
import { saveBlob } from './api'

function cell(value: string): string {
  const safe = /^[=+\-@\t\r]/.test(value) ? `'${value}` : value
  return /[",\r\n;\t]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe
}

export function csv(rows: (string | number | null | undefined)[][]): string {
  return rows.map((row) => row.map((value) => cell(String(value ?? ''))).join(',')).join('\r\n') + '\r\n'
}

/** Lets the browser save rows as a file; the mark in front tells spreadsheets that it is UTF-8. */
export function saveCsv(name: string, rows: Parameters<typeof csv>[0]): void {
  saveBlob(new Blob(['\ufeff', csv(rows)], { type: 'text/csv;charset=utf-8' }), name)
}
