using System.Runtime.CompilerServices;
using ILGPU;

namespace Srcnn.Kernels;

/// <summary>
/// A few neighbouring floats that one device thread keeps in registers. ILGPU takes structs apart into named scalars, which a CPU
/// compiler gathers into vector registers again and a GPU keeps as they are; arrays would end up in memory. Write accumulation as
/// a += b · c: the device compilers fuse it.
/// </summary>
internal interface ILanes<TSelf>
    where TSelf : struct, ILanes<TSelf>
{
    static abstract int Count { get; }

    static abstract TSelf Load(ArrayView<float> source, int index);

    void Store(ArrayView<float> target, int index);

    /// <summary>this + factor·other.</summary>
    TSelf Add(float factor, TSelf other);

    /// <summary>this + left·right, lane by lane.</summary>
    TSelf Add(TSelf left, TSelf right);

    /// <summary>The lanes added, those half of them apart first.</summary>
    float Sum();

    /// <summary>max(this, 0); NaN stays NaN.</summary>
    TSelf Relu();

    /// <summary>this where it is positive, else slope·this.</summary>
    TSelf PRelu(TSelf slope);

    /// <summary>this where mask &gt; 0, else 0.</summary>
    TSelf Masked(TSelf mask);
}

/// <summary>One float.</summary>
internal readonly struct Lane(float value) : ILanes<Lane>
{
    private readonly float value = value;

    public static int Count => 1;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lane Load(ArrayView<float> source, int index) => new(source[index]);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Store(ArrayView<float> target, int index) => target[index] = value;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public Lane Add(float factor, Lane other) => new(Intrinsics.MultiplyAdd(factor, other.value, value));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public Lane Add(Lane left, Lane right) => new(Intrinsics.MultiplyAdd(left.value, right.value, value));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public float Sum() => value;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public Lane Relu() => new(value <= 0f ? 0f : value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public Lane PRelu(Lane slope) => new(value > 0f ? value : slope.value * value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public Lane Masked(Lane mask) => new(mask.value > 0f ? value : 0f);
}

/// <summary>Twice as many: Pair of Pair of Lane holds four floats, and so on.</summary>
internal readonly struct Pair<T>(T low, T high) : ILanes<Pair<T>>
    where T : struct, ILanes<T>
{
    private readonly T low = low;
    private readonly T high = high;

    public static int Count => 2 * T.Count;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Pair<T> Load(ArrayView<float> source, int index) => new(T.Load(source, index), T.Load(source, index + T.Count));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Store(ArrayView<float> target, int index)
    {
        low.Store(target, index);
        high.Store(target, index + T.Count);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public Pair<T> Add(float factor, Pair<T> other) => new(low.Add(factor, other.low), high.Add(factor, other.high));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public Pair<T> Add(Pair<T> left, Pair<T> right) => new(low.Add(left.low, right.low), high.Add(left.high, right.high));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public float Sum() => low.Add(1f, high).Sum();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public Pair<T> Relu() => new(low.Relu(), high.Relu());

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public Pair<T> PRelu(Pair<T> slope) => new(low.PRelu(slope.low), high.PRelu(slope.high));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public Pair<T> Masked(Pair<T> mask) => new(low.Masked(mask.low), high.Masked(mask.high));
}
