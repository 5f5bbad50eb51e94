using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Srcnn.Kernels;

/// <summary>
/// Convolution to so few output channels that they would leave most lanes of a vector empty (the last layer of every network here):
/// the vector runs along a row's taps and input channels, which lie side by side in memory, and each output is the sum of its lanes.
/// </summary>
internal static unsafe class Dot
{
    /// <summary>Whether this form beats the tile form for <paramref name="outChannels"/>.</summary>
    public static bool Suits(int outChannels) => outChannels * 4 <= Simd.Width;

    /// <summary>Terms of one row of taps, rounded up to whole vectors.</summary>
    public static int PaddedTerms(in Conv2dGeometry g) => (g.KernelSize * g.InChannels + Simd.Width - 1) / Simd.Width * Simd.Width;

    /// <summary>[R, S·C, K] → [K, R, S·C], each row filled up with zeros to whole vectors; where that changes nothing, the weights themselves.</summary>
    public static float* Pack(in Conv2dGeometry g, float* weight, Scratch memory)
    {
        int terms = g.KernelSize * g.InChannels, padded = PaddedTerms(g);
        if (g.OutChannels == 1 && terms == padded) return weight;
        var packed = memory.Rent((long)g.OutChannels * g.KernelSize * padded);
        for (var k = 0; k < g.OutChannels; k++)
        for (var r = 0; r < g.KernelSize; r++)
        for (var t = 0; t < padded; t++)
            packed[(k * g.KernelSize + r) * padded + t] = t < terms ? weight[(r * terms + t) * g.OutChannels + k] : 0;
        return packed;
    }

    /// <summary>Outputs [0, count) of one row; rows[r] points at the first tap of output 0 in input row r. Up to 60 bytes past the last tap are read (and multiplied by zero).</summary>
    public static void Row(in Conv2dGeometry g, float** rows, float* packed, float* bias, bool relu, float* output, int count)
    {
        var step = g.InChannels * g.Stride;
        var terms = PaddedTerms(g);
        for (var k = 0; k < g.OutChannels; k++)
        {
            var weight = packed + (k * g.KernelSize * terms);
            var start = bias == null ? 0 : bias[k];
            if (g is { KernelSize: 5, Stride: 1 } && g.InChannels % Simd.Width == 0)
            {
                if (Simd.Width == 16) Dot<Simd512>.RowOfFive(rows, 5, g.InChannels, weight, start, relu, output + k, g.OutChannels, count);
                else if (Simd.Width == 8) Dot<Simd256>.RowOfFive(rows, 5, g.InChannels, weight, start, relu, output + k, g.OutChannels, count);
                else Dot<Simd128>.RowOfFive(rows, 5, g.InChannels, weight, start, relu, output + k, g.OutChannels, count);
            }
            else if (Simd.Width == 16) Dot<Simd512>.Row(rows, g.KernelSize, step, terms, weight, start, relu, output + k, g.OutChannels, count);
            else if (Simd.Width == 8) Dot<Simd256>.Row(rows, g.KernelSize, step, terms, weight, start, relu, output + k, g.OutChannels, count);
            else Dot<Simd128>.Row(rows, g.KernelSize, step, terms, weight, start, relu, output + k, g.OutChannels, count);
        }
    }
}

/// <summary>The loops of <see cref="Dot"/> for one vector width.</summary>
internal static unsafe class Dot<V>
    where V : struct, ISimd<V>
{
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Row(float** rows, int rowCount, nint step, int terms, float* weight, float bias, bool relu, float* output, nint outputStep, int count)
    {
        for (var next = 0; count >= 8 && next < count; next += 8)
        {
            // Eight neighbours at once: independent sums that hide the latency and share each weight vector. The last eight may overlap
            // those before and store the same values again.
            var x = Math.Min(next, count - 8);
            V s0 = default, s1 = default, s2 = default, s3 = default, s4 = default, s5 = default, s6 = default, s7 = default;
            var w = weight;
            for (var r = 0; r < rowCount; r++)
            {
                float* a0 = rows[r] + (x * step), a3 = a0 + (3 * step), a6 = a3 + (3 * step), end = a0 + terms;
                for (; a0 < end; a0 += V.Width, a3 += V.Width, a6 += V.Width, w += V.Width)
                {
                    var v = V.Load(w);
                    s0 = V.MultiplyAdd(v, V.Load(a0), s0);
                    s1 = V.MultiplyAdd(v, V.Load(a0 + step), s1);
                    s2 = V.MultiplyAdd(v, V.Load(a0 + (2 * step)), s2);
                    s3 = V.MultiplyAdd(v, V.Load(a3), s3);
                    s4 = V.MultiplyAdd(v, V.Load(a3 + step), s4);
                    s5 = V.MultiplyAdd(v, V.Load(a3 + (2 * step)), s5);
                    s6 = V.MultiplyAdd(v, V.Load(a6), s6);
                    s7 = V.MultiplyAdd(v, V.Load(a6 + step), s7);
                }
            }
            Finish(s0, s1, s2, s3, bias, relu, output + (x * outputStep), outputStep, 4);
            Finish(s4, s5, s6, s7, bias, relu, output + ((x + 4) * outputStep), outputStep, 4);
        }
        for (var x = 0; count < 8 && x < count; x++)
        {
            V sum = default;
            var w = weight;
            for (var r = 0; r < rowCount; r++)
            {
                float* a = rows[r] + (x * step), end = a + terms;
                for (; a < end; a += V.Width, w += V.Width) sum = V.MultiplyAdd(V.Load(w), V.Load(a), sum);
            }
            Finish(sum, sum, sum, sum, bias, relu, output + (x * outputStep), outputStep, 1);
        }
    }

    /// <summary>
    /// The same for five taps of whole vectors of <paramref name="channels"/>: the five weight vectors stay in registers while twelve neighbours pass
    /// by, each read once for all the outputs that it is a tap of. Sums run over rows, then vectors of channels, then taps.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void RowOfFive(float** rows, int rowCount, nint channels, float* weight, float bias, bool relu, float* output, nint outputStep, int count)
    {
        for (var next = 0; count >= 8 && next < count; next += 8)
        {
            var x = Math.Min(next, count - 8);
            V s0 = default, s1 = default, s2 = default, s3 = default, s4 = default, s5 = default, s6 = default, s7 = default;
            for (var r = 0; r < rowCount; r++)
            for (nint c = 0; c < channels; c += V.Width)
            {
                float* a = rows[r] + (x * channels) + c, w = weight + (5 * r * channels) + c;
                V w0 = V.Load(w), w1 = V.Load(w + channels), w2 = V.Load(w + (2 * channels)), w3 = V.Load(w + (3 * channels)), w4 = V.Load(w + (4 * channels));
                var d = V.Load(a);
                s0 = V.MultiplyAdd(w0, d, s0);
                d = V.Load(a + channels);
                s0 = V.MultiplyAdd(w1, d, s0);
                s1 = V.MultiplyAdd(w0, d, s1);
                d = V.Load(a + (2 * channels));
                s0 = V.MultiplyAdd(w2, d, s0);
                s1 = V.MultiplyAdd(w1, d, s1);
                s2 = V.MultiplyAdd(w0, d, s2);
                d = V.Load(a + (3 * channels));
                s0 = V.MultiplyAdd(w3, d, s0);
                s1 = V.MultiplyAdd(w2, d, s1);
                s2 = V.MultiplyAdd(w1, d, s2);
                s3 = V.MultiplyAdd(w0, d, s3);
                d = V.Load(a + (4 * channels));
                s0 = V.MultiplyAdd(w4, d, s0);
                s1 = V.MultiplyAdd(w3, d, s1);
                s2 = V.MultiplyAdd(w2, d, s2);
                s3 = V.MultiplyAdd(w1, d, s3);
                s4 = V.MultiplyAdd(w0, d, s4);
                d = V.Load(a + (5 * channels));
                s1 = V.MultiplyAdd(w4, d, s1);
                s2 = V.MultiplyAdd(w3, d, s2);
                s3 = V.MultiplyAdd(w2, d, s3);
                s4 = V.MultiplyAdd(w1, d, s4);
                s5 = V.MultiplyAdd(w0, d, s5);
                d = V.Load(a + (6 * channels));
                s2 = V.MultiplyAdd(w4, d, s2);
                s3 = V.MultiplyAdd(w3, d, s3);
                s4 = V.MultiplyAdd(w2, d, s4);
                s5 = V.MultiplyAdd(w1, d, s5);
                s6 = V.MultiplyAdd(w0, d, s6);
                d = V.Load(a + (7 * channels));
                s3 = V.MultiplyAdd(w4, d, s3);
                s4 = V.MultiplyAdd(w3, d, s4);
                s5 = V.MultiplyAdd(w2, d, s5);
                s6 = V.MultiplyAdd(w1, d, s6);
                s7 = V.MultiplyAdd(w0, d, s7);
                d = V.Load(a + (8 * channels));
                s4 = V.MultiplyAdd(w4, d, s4);
                s5 = V.MultiplyAdd(w3, d, s5);
                s6 = V.MultiplyAdd(w2, d, s6);
                s7 = V.MultiplyAdd(w1, d, s7);
                d = V.Load(a + (9 * channels));
                s5 = V.MultiplyAdd(w4, d, s5);
                s6 = V.MultiplyAdd(w3, d, s6);
                s7 = V.MultiplyAdd(w2, d, s7);
                d = V.Load(a + (10 * channels));
                s6 = V.MultiplyAdd(w4, d, s6);
                s7 = V.MultiplyAdd(w3, d, s7);
                d = V.Load(a + (11 * channels));
                s7 = V.MultiplyAdd(w4, d, s7);
            }
            Finish(s0, s1, s2, s3, bias, relu, output + (x * outputStep), outputStep, 4);
            Finish(s4, s5, s6, s7, bias, relu, output + ((x + 4) * outputStep), outputStep, 4);
        }
        for (var x = 0; count < 8 && x < count; x++)
        {
            V sum = default;
            for (var r = 0; r < rowCount; r++)
            for (nint c = 0; c < channels; c += V.Width)
            for (var s = 0; s < 5; s++)
                sum = V.MultiplyAdd(V.Load(weight + (((5 * r) + s) * channels) + c), V.Load(rows[r] + ((x + s) * channels) + c), sum);
            Finish(sum, sum, sum, sum, bias, relu, output + (x * outputStep), outputStep, 1);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Finish(V s0, V s1, V s2, V s3, float bias, bool relu, float* output, nint outputStep, int count)
    {
        var value = Simd.Sums(V.Fold(s0), V.Fold(s1), V.Fold(s2), V.Fold(s3)) + Vector128.Create(bias);
        if (relu) value = Vector128.MaxNative(Vector128<float>.Zero, value);
        if (outputStep == 1 && count == 4) value.Store(output);
        else for (var i = 0; i < count; i++) output[i * outputStep] = value[i];
    }
}
