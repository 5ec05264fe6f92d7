/** An arm of two links that reaches for a target in the plane, as Gymnasium has it. Nothing collides. */
export const reacherModel = `<mujoco model="reacher">
  <compiler angle="radian" inertiafromgeom="true"/>
  <option integrator="RK4" timestep="0.01"/>
  <default>
    <joint armature="1" damping="1" limited="true"/>
    <geom type="capsule" contype="0" conaffinity="0" rgba="0.2 0.4 0.6 1"/>
    <motor ctrllimited="true" ctrlrange="-1 1" gear="200"/>
    <default class="target"><joint type="slide" armature="0" damping="0" stiffness="0" range="-0.27 0.27"/></default>
    <default class="wall"><geom size="0.02" rgba="0.75 0.75 0.8 1"/></default>
  </default>
  <worldbody>
    <geom name="floor" type="plane" size="1 1 10" rgba="0.95 0.95 0.95 1"/>
    <geom class="wall" fromto="-0.3 -0.3 0.01 0.3 -0.3 0.01"/>
    <geom class="wall" fromto="0.3 -0.3 0.01 0.3 0.3 0.01"/>
    <geom class="wall" fromto="-0.3 0.3 0.01 0.3 0.3 0.01"/>
    <geom class="wall" fromto="-0.3 -0.3 0.01 -0.3 0.3 0.01"/>
    <body name="upper" pos="0 0 0.01">
      <geom fromto="0 0 0 0.1 0 0" size="0.01"/>
      <joint name="shoulder" axis="0 0 1" limited="false"/>
      <body name="lower" pos="0.1 0 0">
        <joint name="elbow" axis="0 0 1" range="-3 3"/>
        <geom fromto="0 0 0 0.1 0 0" size="0.01" rgba="0.3 0.5 0.7 1"/>
        <body name="fingertip" pos="0.11 0 0"><geom type="sphere" size="0.01" rgba="0.1 0.6 0.45 1"/></body>
      </body>
    </body>
    <body name="target" pos="0.1 -0.1 0.01">
      <joint class="target" name="target_x" axis="1 0 0" ref="0.1"/>
      <joint class="target" name="target_y" axis="0 1 0" ref="-0.1"/>
      <geom type="sphere" size="0.009" rgba="0.8 0.2 0.2 1"/>
    </body>
  </worldbody>
  <actuator><motor joint="shoulder"/><motor joint="elbow"/></actuator>
</mujoco>`
