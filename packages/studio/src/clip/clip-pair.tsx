import type { Drawing } from '@attune/feedback'
import { type ReactNode, useEffect, useMemo, useRef, useState } from 'react'
import { Button } from '../design/button.tsx'
import { useKey, useKeyboard } from '../keyboard/keyboard.tsx'
import { type Clip, frameAt, parseClip, secondsOf } from './clip.ts'
import { draw } from './draw.ts'

/** Seconds that both clips rest on their last frames before they begin again. */
const rest = 0.6
const speeds = [0.25, 0.5, 1, 2] as const

/** Two clips side by side on one clock: they play, pause and begin again together. */
export function ClipPair({ texts, names }: { texts: readonly string[]; names: readonly string[] }) {
  const clips = useClips(texts)
  if (clips instanceof Error) return <p className="notice bad">{clips.message} Flag the item, or skip it.</p>
  return <Player key={texts.join()} clips={clips} names={names} />
}

function useClips(texts: readonly string[]): readonly Clip[] | Error {
  return useMemo(() => {
    try {
      return texts.map(parseClip)
    } catch (error) {
      return error as Error
    }
  }, [texts])
}

function Player({ clips, names }: { clips: readonly Clip[]; names: readonly string[] }) {
  const [playing, setPlaying] = useState(() => !matchMedia('(prefers-reduced-motion: reduce)').matches)
  const [speed, setSpeed] = useState(1)
  const [seconds, setSeconds] = useState(0)
  const { keyOf } = useKeyboard()
  const length = Math.max(...clips.map(secondsOf))
  useTicks(playing, (passed) => setSeconds((now) => (now + passed * speed) % (length + rest)))
  const replay = () => {
    setSeconds(0)
    setPlaying(true)
  }
  useKey('clip.pause', () => setPlaying(!playing))
  useKey('clip.replay', replay)
  return (
    <div className="clips">
      <div className="clip-pair">
        {clips.map((clip, i) => (
          <ClipFigure key={clip.id + names[i]} clip={clip} name={names[i]!} seconds={seconds} />
        ))}
      </div>
      <div className="row clip-controls">
        <Button
          size="small"
          icon={playing ? 'pause' : 'play'}
          hint={keyOf('clip.pause')}
          onClick={() => setPlaying(!playing)}
        >
          {playing ? 'Pause' : 'Play'}
        </Button>
        <Button size="small" icon="replay" hint={keyOf('clip.replay')} onClick={replay}>
          Replay
        </Button>
        <label className="speed">
          <span className="small">Speed</span>
          <select
            value={speed}
            onChange={({ target }) => {
              setSpeed(Number(target.value))
              target.blur() // the arrows answer again
            }}
          >
            {speeds.map((value) => (
              <option key={value} value={value}>
                {value} ×
              </option>
            ))}
          </select>
        </label>
        <span className="meter" aria-hidden="true">
          <span style={{ width: `${Math.min(1, seconds / length) * 100}%` }} />
        </span>
      </div>
    </div>
  )
}

/** Calls with the seconds that passed since the last picture of the screen, while on. */
function useTicks(on: boolean, tick: (seconds: number) => void) {
  const latest = useRef(tick)
  latest.current = tick
  useEffect(() => {
    if (!on) return
    let before = performance.now()
    const step = (now: number) => {
      latest.current(Math.max(0, Math.min(0.25, (now - before) / 1000)))
      before = now
      request = requestAnimationFrame(step)
    }
    let request = requestAnimationFrame(step)
    return () => cancelAnimationFrame(request)
  }, [on])
}

function ClipFigure({ clip, name, seconds }: { clip: Clip; name: string; seconds: number }): ReactNode {
  const canvas = useRef<HTMLCanvasElement>(null)
  const frames = useFrames(clip)
  const place = frameAt(clip, seconds)
  const frame = frames[place]
  useEffect(() => {
    if (canvas.current && frame) draw(canvas.current, frame)
  }, [frame])
  return (
    <article className="answer clip" aria-label={name}>
      <header>
        <h2>{name}</h2>
        <span className="muted small" aria-hidden="true">
          {place + 1} of {clip.frames.length}
        </span>
      </header>
      <canvas
        ref={canvas}
        width="640"
        height="480"
        role="img"
        aria-label={`Clip ${name}: ${clip.frames.length} frames, ${Math.round(secondsOf(clip) * 10) / 10} seconds`}
        data-frame={place}
      />
    </article>
  )
}

/** The frames ready to be drawn: pictures are decoded once. */
function useFrames({ frames }: Clip): readonly (Drawing | HTMLImageElement | null)[] {
  const [ready, setReady] = useState<readonly (Drawing | HTMLImageElement | null)[]>(() =>
    frames.map((frame) => (typeof frame === 'string' ? null : frame)),
  )
  useEffect(() => {
    let live = true
    const decoded = frames.map(async (frame) => {
      if (typeof frame !== 'string') return frame
      const picture = new Image()
      picture.src = frame
      await picture.decode().catch(() => {})
      return picture.naturalWidth > 0 ? picture : null
    })
    void Promise.all(decoded).then((all) => live && setReady(all))
    return () => {
      live = false
    }
  }, [frames])
  return ready
}
