/** A pole on a cart on a rail, as Gymnasium has it. */
export const invertedPendulumModel = `<mujoco model="inverted-pendulum">
  <compiler angle="degree" inertiafromgeom="true"/>
  <option integrator="RK4" timestep="0.02"/>
  <default>
    <joint armature="0" damping="1" limited="true"/>
    <geom type="capsule" contype="0" friction="1 0.1 0.1" rgba="0.2 0.35 0.5 1"/>
  </default>
  <worldbody>
    <geom name="rail" quat="0.707 0 0.707 0" size="0.02 1" rgba="0.5 0.5 0.55 1"/>
    <body name="cart">
      <joint name="slider" type="slide" axis="1 0 0" range="-1 1"/>
      <geom name="cart" quat="0.707 0 0.707 0" size="0.1 0.1"/>
      <body name="pole">
        <joint name="hinge" axis="0 1 0" range="-90 90"/>
        <geom name="pole" fromto="0 0 0 0.001 0 0.6" size="0.049 0.3" rgba="0.8 0.5 0.25 1"/>
      </body>
    </body>
  </worldbody>
  <actuator><motor joint="slider" ctrllimited="true" ctrlrange="-3 3" gear="100"/></actuator>
</mujoco>`
