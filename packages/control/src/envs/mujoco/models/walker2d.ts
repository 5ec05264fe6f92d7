/** Two legs in the plane, as Gymnasium has it; the right foot's friction is 1.9 in its version 5 and 0.9 in version 4. */
export function walker2dModel(rightFootFriction: number): string {
  return `<mujoco model="walker2d">
  <compiler angle="degree" inertiafromgeom="true"/>
  <option integrator="RK4" timestep="0.002"/>
  <default>
    <joint armature="0.01" damping="0.1" limited="true"/>
    <geom type="capsule" contype="1" conaffinity="0" condim="3" density="1000" friction="0.9 0.1 0.1" rgba="0.8 0.6 0.4 1"/>
    <motor ctrllimited="true" ctrlrange="-1 1" gear="100"/>
    <default class="root"><joint armature="0" damping="0" stiffness="0" limited="false"/></default>
  </default>
  <worldbody>
    <geom name="floor" type="plane" size="40 40 40" conaffinity="1" friction="0.7 0.1 0.1" rgba="0.8 0.9 0.8 1"/>
    <body name="torso" pos="0 0 1.25">
      <joint class="root" name="rootx" type="slide" axis="1 0 0" pos="0 0 -1.25"/>
      <joint class="root" name="rootz" type="slide" axis="0 0 1" pos="0 0 -1.25" ref="1.25"/>
      <joint class="root" name="rooty" type="hinge" axis="0 1 0"/>
      <geom name="torso" size="0.05 0.2"/>
      ${leg('', '0.8 0.6 0.4 1', rightFootFriction)}
      ${leg('_left', '0.7 0.3 0.6 1', 1.9)}
    </body>
  </worldbody>
  <actuator>
    <motor joint="thigh"/><motor joint="leg"/><motor joint="foot"/>
    <motor joint="thigh_left"/><motor joint="leg_left"/><motor joint="foot_left"/>
  </actuator>
</mujoco>`
}

function leg(side: string, colour: string, footFriction: number): string {
  return `<body name="thigh${side}" pos="0 0 -0.2">
        <joint name="thigh${side}" axis="0 -1 0" range="-150 0"/>
        <geom pos="0 0 -0.225" size="0.05 0.225" rgba="${colour}"/>
        <body name="leg${side}" pos="0 0 -0.7">
          <joint name="leg${side}" axis="0 -1 0" pos="0 0 0.25" range="-150 0"/>
          <geom size="0.04 0.25" rgba="${colour}"/>
          <body name="foot${side}" pos="0.2 0 -0.35">
            <joint name="foot${side}" axis="0 -1 0" pos="-0.2 0 0.1" range="-45 45"/>
            <geom pos="-0.1 0 0.1" quat="1 0 -1 0" size="0.06 0.1" friction="${footFriction} 0.1 0.1" rgba="${colour}"/>
          </body>
        </body>
      </body>`
}
