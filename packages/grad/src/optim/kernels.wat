;; Element-wise loops of the optimisers over lanes of a workspace, four float32 at a time.
;; Every pointer is a byte offset; `end` is the update's first byte past the stretch, rounded up to 16.
;; Results below the smallest normal number become zero: moments of rows that get no gradient would
;; otherwise decay into denormal numbers, which are many times slower.
(module
  (memory (export "memory") 1)

  ;; u ← u·factor
  (func (export "scale") (param $u i32) (param $end i32) (param $factor f32)
    (local $f v128)
    (local.set $f (f32x4.splat (local.get $factor)))
    (loop $next
      (v128.store (local.get $u) (f32x4.mul (v128.load (local.get $u)) (local.get $f)))
      (br_if $next (i32.lt_u (local.tee $u (i32.add (local.get $u) (i32.const 16))) (local.get $end)))))

  ;; y ← y + rate·x
  (func (export "addScaled") (param $y i32) (param $end i32) (param $x i32) (param $rate f32)
    (local $r v128)
    (local.set $r (f32x4.splat (local.get $rate)))
    (loop $next
      (v128.store (local.get $y)
        (f32x4.add (v128.load (local.get $y)) (f32x4.mul (local.get $r) (v128.load (local.get $x)))))
      (local.set $x (i32.add (local.get $x) (i32.const 16)))
      (br_if $next (i32.lt_u (local.tee $y (i32.add (local.get $y) (i32.const 16))) (local.get $end)))))

  ;; m ← β₁m + (1−β₁)u;  v ← β₂v + (1−β₂)u²;  u ← m·c₁/(√v·c₂ + ε)
  (func (export "adam") (param $u i32) (param $end i32) (param $m i32) (param $v i32)
    (param $beta1 f32) (param $rest1 f32) (param $beta2 f32) (param $rest2 f32)
    (param $c1 f32) (param $c2 f32) (param $epsilon f32)
    (local $b1 v128) (local $r1 v128) (local $b2 v128) (local $r2 v128)
    (local $s1 v128) (local $s2 v128) (local $e v128)
    (local $g v128) (local $first v128) (local $second v128) (local $tiny v128)
    (local.set $tiny (v128.const f32x4 0x1p-126 0x1p-126 0x1p-126 0x1p-126))
    (local.set $b1 (f32x4.splat (local.get $beta1)))
    (local.set $r1 (f32x4.splat (local.get $rest1)))
    (local.set $b2 (f32x4.splat (local.get $beta2)))
    (local.set $r2 (f32x4.splat (local.get $rest2)))
    (local.set $s1 (f32x4.splat (local.get $c1)))
    (local.set $s2 (f32x4.splat (local.get $c2)))
    (local.set $e (f32x4.splat (local.get $epsilon)))
    (loop $next
      (local.set $g (v128.load (local.get $u)))
      (local.set $first
        (f32x4.add (f32x4.mul (local.get $b1) (v128.load (local.get $m))) (f32x4.mul (local.get $r1) (local.get $g))))
      (local.set $first (v128.and (local.get $first) (f32x4.ge (f32x4.abs (local.get $first)) (local.get $tiny))))
      (local.set $second
        (f32x4.add (f32x4.mul (local.get $b2) (v128.load (local.get $v)))
          (f32x4.mul (local.get $r2) (f32x4.mul (local.get $g) (local.get $g)))))
      (local.set $second (v128.and (local.get $second) (f32x4.ge (local.get $second) (local.get $tiny))))
      (v128.store (local.get $m) (local.get $first))
      (v128.store (local.get $v) (local.get $second))
      (v128.store (local.get $u)
        (f32x4.div (f32x4.mul (local.get $first) (local.get $s1))
          (f32x4.add (f32x4.mul (f32x4.sqrt (local.get $second)) (local.get $s2)) (local.get $e))))
      (local.set $m (i32.add (local.get $m) (i32.const 16)))
      (local.set $v (i32.add (local.get $v) (i32.const 16)))
      (br_if $next (i32.lt_u (local.tee $u (i32.add (local.get $u) (i32.const 16))) (local.get $end)))))

  ;; v ← μv + u;  u ← look·v + keep·u
  (func (export "momentum") (param $u i32) (param $end i32) (param $v i32)
    (param $momentum f32) (param $look f32) (param $keep f32)
    (local $mu v128) (local $l v128) (local $k v128) (local $g v128) (local $velocity v128) (local $tiny v128)
    (local.set $tiny (v128.const f32x4 0x1p-126 0x1p-126 0x1p-126 0x1p-126))
    (local.set $mu (f32x4.splat (local.get $momentum)))
    (local.set $l (f32x4.splat (local.get $look)))
    (local.set $k (f32x4.splat (local.get $keep)))
    (loop $next
      (local.set $g (v128.load (local.get $u)))
      (local.set $velocity
        (f32x4.add (f32x4.mul (local.get $mu) (v128.load (local.get $v))) (local.get $g)))
      (local.set $velocity (v128.and (local.get $velocity) (f32x4.ge (f32x4.abs (local.get $velocity)) (local.get $tiny))))
      (v128.store (local.get $v) (local.get $velocity))
      (v128.store (local.get $u)
        (f32x4.add (f32x4.mul (local.get $l) (local.get $velocity)) (f32x4.mul (local.get $k) (local.get $g))))
      (local.set $v (i32.add (local.get $v) (i32.const 16)))
      (br_if $next (i32.lt_u (local.tee $u (i32.add (local.get $u) (i32.const 16))) (local.get $end)))))
)
