// The files of a drop, those in dropped folders included.
const DEPTH = 8
const FILES = 2000

export async function droppedFiles(transfer: DataTransfer): Promise<File[]> {
  const entries = [...transfer.items].map((item) => item.webkitGetAsEntry()).filter((entry) => entry !== null)
  const files: File[] = []
  for (const entry of entries) await walk(entry, files, 0)
  return files
}

async function walk(entry: FileSystemEntry, into: File[], depth: number): Promise<void> {
  if (into.length >= FILES || depth > DEPTH) return
  if (entry.isFile) {
    into.push(await new Promise<File>((resolve, reject) => (entry as FileSystemFileEntry).file(resolve, reject)))
    return
  }
  const reader = (entry as FileSystemDirectoryEntry).createReader()
  for (;;) {
    const batch = await new Promise<FileSystemEntry[]>((resolve, reject) => reader.readEntries(resolve, reject))
    if (batch.length === 0) return
    for (const inner of batch) await walk(inner, into, depth + 1)
  }
}
