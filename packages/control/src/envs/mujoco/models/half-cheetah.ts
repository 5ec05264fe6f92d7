/** A runner in the plane with two legs of three joints (Wawrzyński 2009), as Gymnasium has it. */
export const halfCheetahModel = `<mujoco model="half-cheetah">
  <compiler angle="radian" inertiafromgeom="true" settotalmass="14"/>
  <option timestep="0.01"/>
  <default>
    <joint armature="0.1" limited="true" solimplimit="0 0.8 0.03" solreflimit="0.02 1"/>
    <geom type="capsule" contype="1" conaffinity="0" condim="3" friction="0.4 0.1 0.1" solimp="0 0.8 0.01" solref="0.02 1"
      rgba="0.8 0.6 0.4 1"/>
    <motor ctrllimited="true" ctrlrange="-1 1"/>
    <default class="root"><joint armature="0" damping="0" stiffness="0" limited="false"/></default>
  </default>
  <worldbody>
    <geom name="floor" type="plane" size="40 40 40" conaffinity="1" rgba="0.8 0.9 0.8 1"/>
    <body name="torso" pos="0 0 0.7">
      <joint class="root" name="rootx" type="slide" axis="1 0 0"/>
      <joint class="root" name="rootz" type="slide" axis="0 0 1"/>
      <joint class="root" name="rooty" type="hinge" axis="0 1 0"/>
      <geom name="torso" fromto="-0.5 0 0 0.5 0 0" size="0.046"/>
      <geom name="head" pos="0.6 0 0.1" axisangle="0 1 0 0.87" size="0.046 0.15"/>
      <body name="bthigh" pos="-0.5 0 0">
        <joint name="bthigh" axis="0 1 0" damping="6" stiffness="240" range="-0.52 1.05"/>
        <geom pos="0.1 0 -0.13" axisangle="0 1 0 -3.8" size="0.046 0.145"/>
        <body name="bshin" pos="0.16 0 -0.25">
          <joint name="bshin" axis="0 1 0" damping="4.5" stiffness="180" range="-0.785 0.785"/>
          <geom pos="-0.14 0 -0.07" axisangle="0 1 0 -2.03" size="0.046 0.15" rgba="0.75 0.4 0.4 1"/>
          <body name="bfoot" pos="-0.28 0 -0.14">
            <joint name="bfoot" axis="0 1 0" damping="3" stiffness="120" range="-0.4 0.785"/>
            <geom pos="0.03 0 -0.097" axisangle="0 1 0 -0.27" size="0.046 0.094" rgba="0.65 0.3 0.3 1"/>
          </body>
        </body>
      </body>
      <body name="fthigh" pos="0.5 0 0">
        <joint name="fthigh" axis="0 1 0" damping="4.5" stiffness="180" range="-1 0.7"/>
        <geom pos="-0.07 0 -0.12" axisangle="0 1 0 0.52" size="0.046 0.133"/>
        <body name="fshin" pos="-0.14 0 -0.24">
          <joint name="fshin" axis="0 1 0" damping="3" stiffness="120" range="-1.2 0.87"/>
          <geom pos="0.065 0 -0.09" axisangle="0 1 0 -0.6" size="0.046 0.106" rgba="0.75 0.4 0.4 1"/>
          <body name="ffoot" pos="0.13 0 -0.18">
            <joint name="ffoot" axis="0 1 0" damping="1.5" stiffness="60" range="-0.5 0.5"/>
            <geom pos="0.045 0 -0.07" axisangle="0 1 0 -0.6" size="0.046 0.07" rgba="0.65 0.3 0.3 1"/>
          </body>
        </body>
      </body>
    </body>
  </worldbody>
  <actuator>
    <motor joint="bthigh" gear="120"/><motor joint="bshin" gear="90"/><motor joint="bfoot" gear="60"/>
    <motor joint="fthigh" gear="120"/><motor joint="fshin" gear="60"/><motor joint="ffoot" gear="30"/>
  </actuator>
</mujoco>`
