using System.Numerics;

namespace Srcnn.Kernels;

/// <summary>
/// Random numbers that depend on the seed alone, not on platform or release: xoshiro256** (Blackman and Vigna, 2018),
/// seeded by SplitMix64. Its whole state is four numbers, so that a checkpoint can go on exactly where it stopped.
/// </summary>
public sealed class SeededRandom
{
    private readonly ulong[] state = new ulong[4];

    /// <summary>Starts the sequence of that seed.</summary>
    public SeededRandom(ulong seed)
    {
        for (var i = 0; i < state.Length; i++)
        {
            seed += 0x9e3779b97f4a7c15;
            var z = (seed ^ (seed >> 30)) * 0xbf58476d1ce4e5b9;
            z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
            state[i] = z ^ (z >> 31);
        }
    }

    /// <summary>Goes on from a <see cref="State"/> saved earlier.</summary>
    /// <exception cref="ArgumentException">Not four numbers, or all of them zero, from which the generator never leaves.</exception>
    public SeededRandom(ReadOnlySpan<ulong> state)
    {
        if (state.Length != 4 || !state.ContainsAnyExcept(0UL)) throw new ArgumentException("a state is four numbers, not all zero", nameof(state));
        state.CopyTo(this.state);
    }

    /// <summary>A copy of the state: all that the coming numbers depend on.</summary>
    public ulong[] State => [.. state];

    /// <summary>An independent generator for a part of the work, such as one picture of many. Leaves this one as it is.</summary>
    public SeededRandom Fork(ulong stream) => new(state[0] ^ BitOperations.RotateLeft(state[2], 17) ^ ((stream + 1) * 0x9e3779b97f4a7c15));

    /// <summary>64 random bits.</summary>
    public ulong NextUInt64()
    {
        var result = BitOperations.RotateLeft(state[1] * 5, 7) * 9;
        var t = state[1] << 17;
        state[2] ^= state[0];
        state[3] ^= state[1];
        state[1] ^= state[2];
        state[0] ^= state[3];
        state[2] ^= t;
        state[3] = BitOperations.RotateLeft(state[3], 45);
        return result;
    }

    /// <summary>A number in [0, <paramref name="limit"/>), each as likely as the next (Lemire's method).</summary>
    public int NextInt(int limit)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(limit);
        var range = (uint)limit;
        var product = (NextUInt64() >> 32) * range;
        if ((uint)product < range)
        {
            var threshold = (0u - range) % range;
            while ((uint)product < threshold) product = (NextUInt64() >> 32) * range;
        }
        return (int)(product >> 32);
    }

    /// <summary>A number in [<paramref name="least"/>, <paramref name="limit"/>).</summary>
    public int NextInt(int least, int limit) => least + NextInt(checked(limit - least));

    /// <summary>Uniform in [0, 1), 24 random bits.</summary>
    public float NextSingle() => (NextUInt64() >> 40) * (1f / (1 << 24));

    /// <summary>Uniform in [<paramref name="least"/>, <paramref name="limit"/>).</summary>
    public float NextSingle(float least, float limit) => least + ((limit - least) * NextSingle());

    /// <summary>Uniform in [0, 1), 53 random bits.</summary>
    public double NextDouble() => (NextUInt64() >> 11) * (1.0 / (1L << 53));

    /// <summary>
    /// Normal with mean 0 and deviation 1. By Karney's method (arXiv:1303.6257), which only compares uniform numbers:
    /// a logarithm or cosine may differ in its last bit between platforms.
    /// </summary>
    public double NextGaussian()
    {
        while (true)
        {
            var k = 0;
            while (Survives(0.5)) k++;
            if (!Times(k * (k - 1), 0.5)) continue;
            var x = NextDouble();
            if (!Times(k + 1, x * ((2 * k) + x) / ((2 * k) + 2))) continue;
            return (NextUInt64() >> 63) == 0 ? k + x : -(k + x);
        }
    }

    /// <summary>Puts the items into one of all their orders, each as likely as the next (Fisher and Yates).</summary>
    public void Shuffle<T>(Span<T> items)
    {
        for (var i = items.Length - 1; i > 0; i--)
        {
            var j = NextInt(i + 1);
            (items[i], items[j]) = (items[j], items[i]);
        }
    }

    private bool Times(int count, double t)
    {
        for (var i = 0; i < count; i++)
        {
            if (!Survives(t)) return false;
        }
        return true;
    }

    // True with probability e^−t for t in [0, 1] (von Neumann): the length of a falling run that begins below t is even.
    private bool Survives(double t)
    {
        var even = true;
        for (var u = NextDouble(); u < t; u = NextDouble()) (t, even) = (u, !even);
        return even;
    }
}
