import { Type } from '../../lib/typebox.ts'

export const TotalUpTo = Type.Boolean({ default: false, description: 'Whether to count all rows; 10,000 may be more.' })
