/** Three links in a viscous fluid (Coulom 2002), as Gymnasium has it. */
export const swimmerModel = `<mujoco model="swimmer">
  <compiler angle="degree" inertiafromgeom="true"/>
  <option density="4000" viscosity="0.1" integrator="RK4" timestep="0.01"/>
  <default>
    <geom type="capsule" contype="0" conaffinity="0" condim="1" density="1000" size="0.1" rgba="0.8 0.6 0.4 1"/>
    <joint armature="0.1"/>
    <motor ctrllimited="true" ctrlrange="-1 1" gear="150"/>
  </default>
  <worldbody>
    <geom name="floor" type="plane" pos="0 0 -0.1" size="40 40 0.1" rgba="0.8 0.9 0.8 1"/>
    <body name="torso">
      <geom fromto="1.5 0 0 0.5 0 0"/>
      <joint name="x" type="slide" axis="1 0 0"/>
      <joint name="y" type="slide" axis="0 1 0"/>
      <joint name="rotation" type="hinge" axis="0 0 1"/>
      <body name="mid" pos="0.5 0 0">
        <geom fromto="0 0 0 -1 0 0" rgba="0.7 0.45 0.3 1"/>
        <joint name="motor1" axis="0 0 1" limited="true" range="-100 100"/>
        <body name="back" pos="-1 0 0">
          <geom fromto="0 0 0 -1 0 0" rgba="0.6 0.35 0.25 1"/>
          <joint name="motor2" axis="0 0 1" limited="true" range="-100 100"/>
        </body>
      </body>
    </body>
  </worldbody>
  <actuator><motor joint="motor1"/><motor joint="motor2"/></actuator>
</mujoco>`
