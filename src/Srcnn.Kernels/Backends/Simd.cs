using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.Arm;
using System.Runtime.Intrinsics.X86;

namespace Srcnn.Kernels;

/// <summary>The widest vectors this processor has. Host kernels are written once over <see cref="ISimd{T}"/>; the JIT compiles one form per width.</summary>
internal static class Simd
{
    /// <summary>float32 lanes of one vector: 16, 8 or 4.</summary>
    public static int Width => Vector512.IsHardwareAccelerated ? 16 : Vector256.IsHardwareAccelerated ? 8 : 4;

    public static string Name => $"{Width * 32}-bit SIMD";

    /// <summary>The four sums of the lanes of four vectors, each as (v₀ + v₁) + (v₂ + v₃).</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<float> Sums(Vector128<float> a, Vector128<float> b, Vector128<float> c, Vector128<float> d)
    {
        if (Sse3.IsSupported) return Sse3.HorizontalAdd(Sse3.HorizontalAdd(a, b), Sse3.HorizontalAdd(c, d));
        if (AdvSimd.Arm64.IsSupported) return AdvSimd.Arm64.AddPairwise(AdvSimd.Arm64.AddPairwise(a, b), AdvSimd.Arm64.AddPairwise(c, d));
        return Vector128.Create(Sum(a), Sum(b), Sum(c), Sum(d));

        static float Sum(Vector128<float> v) => (v[0] + v[1]) + (v[2] + v[3]);
    }
}

/// <summary>A block of float32 lanes that lives in registers.</summary>
internal unsafe interface ISimd<T>
    where T : struct, ISimd<T>
{
    /// <summary>Number of lanes.</summary>
    static abstract int Width { get; }

    static abstract T Load(float* source);

    /// <summary>Every lane is *source. It takes a pointer so that the JIT folds the load into the broadcast: from a register it would occupy a multiply port.</summary>
    static abstract T Broadcast(float* source);

    static abstract void Store(T value, float* destination);

    /// <summary>Stores the first <paramref name="lanes"/> lanes and touches nothing behind them. Without a branch where the processor has masked stores.</summary>
    static abstract void Store(T value, float* destination, int lanes);

    /// <summary>a·b + c, with one rounding where the processor can.</summary>
    static abstract T MultiplyAdd(T a, T b, T c);

    /// <summary>The same with *b in every lane. Written as one expression, the JIT makes it one instruction; through <see cref="Broadcast"/> three.</summary>
    static virtual T MultiplyAdd(T a, float* b, T c) => T.MultiplyAdd(a, T.Broadcast(b), c);

    static abstract T Multiply(T a, T b);

    static abstract T Add(T a, T b);

    static abstract T Subtract(T a, T b);

    /// <summary>Every lane is <paramref name="constant"/>.</summary>
    static abstract T Of(float constant);

    /// <summary>max(value, 0); NaN stays NaN.</summary>
    static abstract T Rectify(T value);

    /// <summary>The value where positive, else slope·value. One of the two parts is zero, so their sum does not round.</summary>
    static abstract T PRelu(T value, T slope);

    /// <summary>value where mask &gt; 0, else 0.</summary>
    static abstract T Where(T mask, T value);

    /// <summary>The lanes added down to four, in a fixed order.</summary>
    static abstract Vector128<float> Fold(T value);
}

internal readonly unsafe struct Simd512(Vector512<float> lanes) : ISimd<Simd512>
{
    private readonly Vector512<float> lanes = lanes;

    public static int Width => 16;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Simd512 Load(float* source) => new(Vector512.Load(source));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Simd512 Broadcast(float* source) => new(Vector512.Create(*source));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Store(Simd512 value, float* destination) => value.lanes.Store(destination);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Store(Simd512 value, float* destination, int lanes)
    {
        if (Avx512F.IsSupported) Avx512F.MaskStore(destination, Vector512.LessThan(Vector512<int>.Indices, Vector512.Create(lanes)).AsSingle(), value.lanes);
        else for (var i = 0; i < Math.Min(lanes, Width); i++) destination[i] = value.lanes[i];
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Simd512 MultiplyAdd(Simd512 a, Simd512 b, Simd512 c) => new(Vector512.FusedMultiplyAdd(a.lanes, b.lanes, c.lanes));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Simd512 MultiplyAdd(Simd512 a, float* b, Simd512 c) => new(Vector512.FusedMultiplyAdd(a.lanes, Vector512.Create(*b), c.lanes));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Simd512 Multiply(Simd512 a, Simd512 b) => new(a.lanes * b.lanes);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Simd512 Add(Simd512 a, Simd512 b) => new(a.lanes + b.lanes);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Simd512 Subtract(Simd512 a, Simd512 b) => new(a.lanes - b.lanes);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Simd512 Of(float constant) => new(Vector512.Create(constant));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Simd512 Rectify(Simd512 value) => new(Vector512.MaxNative(Vector512<float>.Zero, value.lanes));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Simd512 PRelu(Simd512 value, Simd512 slope) =>
        new(Vector512.FusedMultiplyAdd(slope.lanes, Vector512.MinNative(Vector512<float>.Zero, value.lanes), Vector512.MaxNative(Vector512<float>.Zero, value.lanes)));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Simd512 Where(Simd512 mask, Simd512 value) =>
        new(Vector512.ConditionalSelect(Vector512.GreaterThan(mask.lanes, Vector512<float>.Zero), value.lanes, Vector512<float>.Zero));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<float> Fold(Simd512 value) => Simd256.Fold(new(value.lanes.GetLower() + value.lanes.GetUpper()));
}

internal readonly unsafe struct Simd256(Vector256<float> lanes) : ISimd<Simd256>
{
    private readonly Vector256<float> lanes = lanes;

    public static int Width => 8;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Simd256 Load(float* source) => new(Vector256.Load(source));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Simd256 Broadcast(float* source) => new(Vector256.Create(*source));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Store(Simd256 value, float* destination) => value.lanes.Store(destination);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Store(Simd256 value, float* destination, int lanes)
    {
        if (Avx.IsSupported) Avx.MaskStore(destination, Vector256.LessThan(Vector256<int>.Indices, Vector256.Create(lanes)).AsSingle(), value.lanes);
        else for (var i = 0; i < Math.Min(lanes, Width); i++) destination[i] = value.lanes[i];
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Simd256 MultiplyAdd(Simd256 a, Simd256 b, Simd256 c) => new(Vector256.FusedMultiplyAdd(a.lanes, b.lanes, c.lanes));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Simd256 MultiplyAdd(Simd256 a, float* b, Simd256 c) => new(Vector256.FusedMultiplyAdd(a.lanes, Vector256.Create(*b), c.lanes));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Simd256 Multiply(Simd256 a, Simd256 b) => new(a.lanes * b.lanes);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Simd256 Add(Simd256 a, Simd256 b) => new(a.lanes + b.lanes);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Simd256 Subtract(Simd256 a, Simd256 b) => new(a.lanes - b.lanes);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Simd256 Of(float constant) => new(Vector256.Create(constant));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Simd256 Rectify(Simd256 value) => new(Vector256.MaxNative(Vector256<float>.Zero, value.lanes));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Simd256 PRelu(Simd256 value, Simd256 slope) =>
        new(Vector256.FusedMultiplyAdd(slope.lanes, Vector256.MinNative(Vector256<float>.Zero, value.lanes), Vector256.MaxNative(Vector256<float>.Zero, value.lanes)));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Simd256 Where(Simd256 mask, Simd256 value) =>
        new(Vector256.ConditionalSelect(Vector256.GreaterThan(mask.lanes, Vector256<float>.Zero), value.lanes, Vector256<float>.Zero));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<float> Fold(Simd256 value) => value.lanes.GetLower() + value.lanes.GetUpper();
}

internal readonly unsafe struct Simd128(Vector128<float> lanes) : ISimd<Simd128>
{
    private readonly Vector128<float> lanes = lanes;

    public static int Width => 4;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Simd128 Load(float* source) => new(Vector128.Load(source));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Simd128 Broadcast(float* source) => new(Vector128.Create(*source));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Store(Simd128 value, float* destination) => value.lanes.Store(destination);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Store(Simd128 value, float* destination, int lanes)
    {
        if (Avx.IsSupported) Avx.MaskStore(destination, Vector128.LessThan(Vector128<int>.Indices, Vector128.Create(lanes)).AsSingle(), value.lanes);
        else for (var i = 0; i < Math.Min(lanes, Width); i++) destination[i] = value.lanes[i];
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Simd128 MultiplyAdd(Simd128 a, Simd128 b, Simd128 c) => new(Vector128.MultiplyAddEstimate(a.lanes, b.lanes, c.lanes));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Simd128 MultiplyAdd(Simd128 a, float* b, Simd128 c) => new(Vector128.MultiplyAddEstimate(a.lanes, Vector128.Create(*b), c.lanes));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Simd128 Multiply(Simd128 a, Simd128 b) => new(a.lanes * b.lanes);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Simd128 Add(Simd128 a, Simd128 b) => new(a.lanes + b.lanes);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Simd128 Subtract(Simd128 a, Simd128 b) => new(a.lanes - b.lanes);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Simd128 Of(float constant) => new(Vector128.Create(constant));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Simd128 Rectify(Simd128 value) => new(Vector128.MaxNative(Vector128<float>.Zero, value.lanes));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Simd128 PRelu(Simd128 value, Simd128 slope) =>
        new(Vector128.MultiplyAddEstimate(slope.lanes, Vector128.MinNative(Vector128<float>.Zero, value.lanes), Vector128.MaxNative(Vector128<float>.Zero, value.lanes)));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Simd128 Where(Simd128 mask, Simd128 value) =>
        new(Vector128.ConditionalSelect(Vector128.GreaterThan(mask.lanes, Vector128<float>.Zero), value.lanes, Vector128<float>.Zero));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<float> Fold(Simd128 value) => value.lanes;
}

/// <summary>Two blocks side by side, so that one kernel text serves 1, 2 and 4 vectors of channels.</summary>
internal unsafe struct SimdPair<T> : ISimd<SimdPair<T>>
    where T : struct, ISimd<T>
{
    private T low, high;

    public static int Width => 2 * T.Width;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static SimdPair<T> Load(float* source) => Of(T.Load(source), T.Load(source + T.Width));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static SimdPair<T> Broadcast(float* source)
    {
        var value = T.Broadcast(source);
        return Of(value, value);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Store(SimdPair<T> value, float* destination)
    {
        T.Store(value.low, destination);
        T.Store(value.high, destination + T.Width);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Store(SimdPair<T> value, float* destination, int lanes)
    {
        T.Store(value.low, destination, lanes);
        T.Store(value.high, destination + T.Width, lanes - T.Width);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static SimdPair<T> MultiplyAdd(SimdPair<T> a, SimdPair<T> b, SimdPair<T> c) => Of(T.MultiplyAdd(a.low, b.low, c.low), T.MultiplyAdd(a.high, b.high, c.high));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static SimdPair<T> Multiply(SimdPair<T> a, SimdPair<T> b) => Of(T.Multiply(a.low, b.low), T.Multiply(a.high, b.high));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static SimdPair<T> Add(SimdPair<T> a, SimdPair<T> b) => Of(T.Add(a.low, b.low), T.Add(a.high, b.high));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static SimdPair<T> Subtract(SimdPair<T> a, SimdPair<T> b) => Of(T.Subtract(a.low, b.low), T.Subtract(a.high, b.high));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static SimdPair<T> Of(float constant) => Of(T.Of(constant), T.Of(constant));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static SimdPair<T> Rectify(SimdPair<T> value) => Of(T.Rectify(value.low), T.Rectify(value.high));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static SimdPair<T> PRelu(SimdPair<T> value, SimdPair<T> slope) => Of(T.PRelu(value.low, slope.low), T.PRelu(value.high, slope.high));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static SimdPair<T> Where(SimdPair<T> mask, SimdPair<T> value) => Of(T.Where(mask.low, value.low), T.Where(mask.high, value.high));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<float> Fold(SimdPair<T> value) => T.Fold(T.Add(value.low, value.high));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static SimdPair<T> Of(T low, T high)
    {
        SimdPair<T> pair;
        pair.low = low;
        pair.high = high;
        return pair;
    }
}
