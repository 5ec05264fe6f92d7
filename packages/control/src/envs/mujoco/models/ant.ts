/** A torso with four legs of two joints (Schulman et al. 2016), as Gymnasium has it. */
export const antModel = `<mujoco model="ant">
  <compiler angle="degree" inertiafromgeom="true"/>
  <option integrator="RK4" timestep="0.01"/>
  <default>
    <joint armature="1" damping="1" limited="true"/>
    <geom type="capsule" conaffinity="0" condim="3" density="5" friction="1 0.5 0.5" margin="0.01" rgba="0.8 0.6 0.4 1"/>
    <motor ctrllimited="true" ctrlrange="-1 1" gear="150"/>
  </default>
  <worldbody>
    <geom name="floor" type="plane" size="40 40 40" conaffinity="1" rgba="0.8 0.9 0.8 1"/>
    <body name="torso" pos="0 0 0.75">
      <joint name="root" type="free" armature="0" damping="0" limited="false" margin="0.01"/>
      <geom name="torso" type="sphere" size="0.25"/>
      ${leg(1, [1, 1], { axis: '-1 1 0', range: '30 70' })}
      ${leg(2, [-1, 1], { axis: '1 1 0', range: '-70 -30' })}
      ${leg(3, [-1, -1], { axis: '-1 1 0', range: '-70 -30' })}
      ${leg(4, [1, -1], { axis: '1 1 0', range: '30 70' })}
    </body>
  </worldbody>
  <actuator>
    ${[4, 1, 2, 3].map((n) => `<motor joint="hip_${n}"/><motor joint="ankle_${n}"/>`).join('')}
  </actuator>
</mujoco>`

function leg(
  n: number,
  [x, y]: readonly [number, number],
  ankle: { readonly axis: string; readonly range: string },
): string {
  const at = (length: number) => `${length * x} ${length * y} 0`
  const limb = (length: number) => `<geom fromto="0 0 0 ${at(length)}" size="0.08"/>`
  return `<body name="leg_${n}">
        ${limb(0.2)}
        <body name="aux_${n}" pos="${at(0.2)}">
          <joint name="hip_${n}" axis="0 0 1" range="-30 30"/>
          ${limb(0.2)}
          <body name="foot_${n}" pos="${at(0.2)}">
            <joint name="ankle_${n}" axis="${ankle.axis}" range="${ankle.range}"/>
            ${limb(0.4)}
          </body>
        </body>
      </body>`
}
