import { useCall } from '../api/context.tsx'
import { Interval } from '../chart/bars.tsx'
import { Section } from '../design/page.tsx'
import { Scroll } from '../design/scroll.tsx'
import { Loaded } from '../design/state.tsx'

/** Who stands where: Bradley–Terry strengths on Elo's scale with their intervals. */
export function Leaderboard() {
  const board = useCall('GET /api/arena/leaderboard', {})
  return (
    <Section title="Leaderboard">
      <Loaded query={board}>
        {({ votes, models }) => {
          if (models.length === 0) return <p className="muted">No vote yet.</p>
          const domain = [
            Math.min(...models.map(({ low }) => low)),
            Math.max(...models.map(({ high }) => high)),
          ] as const
          return (
            <Scroll label="Leaderboard">
              <table className="board">
                <caption>
                  {votes} {votes === 1 ? 'vote' : 'votes'}. Bradley–Terry strengths with 95 % intervals; the
                  mean model has 1000.
                </caption>
                <thead>
                  <tr>
                    <th scope="col" className="number">
                      Rank
                    </th>
                    <th scope="col">Model</th>
                    <th scope="col" className="number">
                      Strength
                    </th>
                    <th scope="col">Interval</th>
                    <th scope="col" className="number">
                      Wins
                    </th>
                    <th scope="col" className="number">
                      Ties
                    </th>
                    <th scope="col" className="number">
                      Both bad
                    </th>
                    <th scope="col" className="number">
                      Votes
                    </th>
                  </tr>
                </thead>
                <tbody>
                  {models.map(({ model, rank, rating, low, high, wins, ties, bothBad, votes: own }) => (
                    <tr key={model}>
                      <td className="number">{rank}</td>
                      <th scope="row">{model}</th>
                      <td className="number">{Math.round(rating)}</td>
                      <td>
                        <Interval
                          low={low}
                          value={rating}
                          high={high}
                          domain={domain}
                          label={`from ${Math.round(low)} to ${Math.round(high)}`}
                        />
                      </td>
                      <td className="number">{wins}</td>
                      <td className="number">{ties}</td>
                      <td className="number">{bothBad}</td>
                      <td className="number">{own}</td>
                    </tr>
                  ))}
                </tbody>
              </table>
            </Scroll>
          )
        }}
      </Loaded>
    </Section>
  )
}
