/** A colour as CSS writes it. */
export type Colour = string

/** A shape of a picture, in the drawing's own units with y upwards. */
export type Figure =
  | {
      readonly kind: 'circle'
      readonly x: number
      readonly y: number
      readonly radius: number
      readonly fill: Colour
    }
  | {
      /** A line with round ends: a limb. */
      readonly kind: 'capsule'
      readonly from: readonly [number, number]
      readonly to: readonly [number, number]
      readonly radius: number
      readonly fill: Colour
    }
  | {
      readonly kind: 'polygon'
      readonly points: readonly (readonly [number, number])[]
      readonly fill: Colour
    }
  | {
      readonly kind: 'text'
      readonly x: number
      readonly y: number
      readonly size: number
      readonly text: string
      readonly fill: Colour
    }

/** A picture of a state: what part of the world is seen, and the shapes there, the farthest first. */
export interface Drawing {
  readonly view: {
    readonly left: number
    readonly right: number
    readonly bottom: number
    readonly top: number
  }
  readonly background: Colour
  readonly figures: readonly Figure[]
}
