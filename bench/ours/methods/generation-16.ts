import { measureGeneration } from './generating.ts'

await measureGeneration(16)
