using System.Runtime.Intrinsics;

namespace Srcnn.Engine.Imaging;

/// <summary>
/// The columns of an enlargement by a whole factor, four inputs and four times the factor outputs at a time. Neighbouring outputs read the
/// same inputs, or those one further, in a pattern that repeats from block to block, as do the weights.
/// </summary>
internal sealed class BicubicStairs
{
    private const int Taps = 4, Lanes = 4;

    private readonly int factor, firstInput;

    // For each of a block's vectors: which of four neighbouring inputs every lane takes, and the weights of the lanes, [vector, tap].
    private readonly Vector128<int>[] places;
    private readonly Vector128<float>[] weights;

    private BicubicStairs(BicubicWeights axis, int factor, int from, int to)
    {
        (this.factor, firstInput, From, To) = (factor, axis.Start(from), from, to);
        places = new Vector128<int>[factor];
        weights = new Vector128<float>[factor * Taps];
        for (var v = 0; v < factor; v++)
        {
            int At(int lane) => (v * Lanes) + lane;
            places[v] = Vector128.Create(At(0), At(1), At(2), At(3)) / factor;
            for (var t = 0; t < Taps; t++)
            {
                float Weight(int lane) => axis.Singles(from + (At(lane) % factor))[t];
                weights[(v * Taps) + t] = Vector128.Create(Weight(0), Weight(1), Weight(2), Weight(3));
            }
        }
        List<int> others = [];
        for (var x = from; x < to; x++)
        {
            if (!axis.Singles(x).SequenceEqual(axis.Singles(from + ((x - from) % factor)))) others.Add(x);
        }
        Others = others;
    }

    /// <summary>The outputs [From, To) are computed.</summary>
    public int From { get; }

    /// <summary>See <see cref="From"/>.</summary>
    public int To { get; }

    /// <summary>Those among them whose own weights are rounded otherwise, and which are to be computed again.</summary>
    public IReadOnlyList<int> Others { get; }

    /// <summary>Null where outputs do not lie evenly among the inputs, or are too few.</summary>
    public static BicubicStairs? Of(BicubicWeights axis)
    {
        var factor = axis.OutLength / axis.InLength;
        if (factor * axis.InLength != axis.OutLength || axis.Taps != Taps) return null;
        var from = 0;
        while (from < axis.OutLength && axis.Start(from) < 0) from++;
        var to = from;
        while (to < axis.OutLength && axis.Start(to) + Taps <= axis.InLength)
        {
            if (axis.Start(to) != axis.Start(from) + ((to - from) / factor)) return null;
            to++;
        }
        to -= (to - from) % (Lanes * factor);
        return to > from ? new BicubicStairs(axis, factor, from, to) : null;
    }

    /// <summary>Each output is the sum over its taps in their order, as if computed alone.</summary>
    public unsafe void Combine(ReadOnlySpan<float> row, Span<float> output)
    {
        fixed (float* inputs = row[firstInput..], outputs = output[From..To])
        {
            var input = inputs;
            for (var block = outputs; block < outputs + (To - From); block += Lanes * factor, input += Lanes)
            {
                Vector128<float> a = Vector128.Load(input), b = Vector128.Load(input + 1), c = Vector128.Load(input + 2), d = Vector128.Load(input + 3);
                for (var v = 0; v < factor; v++)
                {
                    var place = places[v];
                    var weight = weights.AsSpan(v * Taps, Taps);
                    var sum = (weight[0] * Vector128.ShuffleNative(a, place)) + (weight[1] * Vector128.ShuffleNative(b, place));
                    (sum + (weight[2] * Vector128.ShuffleNative(c, place)) + (weight[3] * Vector128.ShuffleNative(d, place))).Store(block + (v * Lanes));
                }
            }
        }
    }
}
