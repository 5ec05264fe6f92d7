/** One leg of three joints in the plane: torso, thigh, leg, foot (Erez, Tassa and Todorov 2012), as Gymnasium has it. */
export const hopperModel = `<mujoco model="hopper">
  <compiler angle="degree" inertiafromgeom="true"/>
  <option integrator="RK4" timestep="0.002"/>
  <default>
    <joint armature="1" damping="1" limited="true"/>
    <geom type="capsule" contype="1" conaffinity="1" condim="1" margin="0.001" friction="0.9"
      solimp="0.8 0.8 0.01" solref="0.02 1" rgba="0.8 0.6 0.4 1"/>
    <motor ctrllimited="true" ctrlrange="-1 1" gear="200"/>
    <default class="root"><joint armature="0" damping="0" stiffness="0" limited="false"/></default>
  </default>
  <worldbody>
    <geom name="floor" type="plane" size="20 20 0.125" condim="3" friction="1" rgba="0.8 0.9 0.8 1"/>
    <body name="torso" pos="0 0 1.25">
      <joint class="root" name="rootx" type="slide" axis="1 0 0" pos="0 0 -1.25"/>
      <joint class="root" name="rootz" type="slide" axis="0 0 1" pos="0 0 -1.25" ref="1.25"/>
      <joint class="root" name="rooty" type="hinge" axis="0 1 0"/>
      <geom name="torso" size="0.05 0.2"/>
      <body name="thigh" pos="0 0 -0.2">
        <joint name="thigh" axis="0 -1 0" range="-150 0"/>
        <geom name="thigh" pos="0 0 -0.225" size="0.05 0.225" rgba="0.75 0.5 0.35 1"/>
        <body name="leg" pos="0 0 -0.7">
          <joint name="leg" axis="0 -1 0" pos="0 0 0.25" range="-150 0"/>
          <geom name="leg" size="0.04 0.25" rgba="0.7 0.45 0.3 1"/>
          <body name="foot" pos="0.13 0 -0.35">
            <joint name="foot" axis="0 -1 0" pos="-0.13 0 0.1" range="-45 45"/>
            <geom name="foot" pos="-0.065 0 0.1" quat="1 0 -1 0" size="0.06 0.195" friction="2" rgba="0.6 0.35 0.25 1"/>
          </body>
        </body>
      </body>
    </body>
  </worldbody>
  <actuator><motor joint="thigh"/><motor joint="leg"/><motor joint="foot"/></actuator>
</mujoco>`
