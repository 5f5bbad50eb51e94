using Srcnn.Kernels;

namespace Srcnn.Engine.Models;

/// <summary>
/// Tensors as a <see cref="WeightFormat"/> holds them. An 8-bit weight is a whole number from −127 to 127 times the scale of its output
/// channel; the scales of <c>conv1.weight</c> are the F32 tensor <c>conv1.weight.scale</c>, [K].
/// </summary>
internal static class WeightPacking
{
    private const string ScaleSuffix = ".scale";

    private const int Largest = 127;

    /// <summary>The whole numbers tried for a channel's largest weight. Beyond 127 it is cut off, so that the others have smaller steps.</summary>
    private const int FewestSteps = 64, MostSteps = 190;

    /// <summary>Weights below are no different from zero.</summary>
    private const float Negligible = 1e-30f;

    /// <summary>As metadata and the command line say it.</summary>
    public static string NameOf(WeightFormat format) => format.ToString().ToLowerInvariant();

    /// <summary>What a file's tensors are.</summary>
    public static WeightFormat FormatOf(IReadOnlyList<NamedTensor> tensors) =>
        tensors.Any(t => t.Type == TensorType.I8) ? WeightFormat.Int8
        : tensors.Count > 0 && tensors.All(t => t.Type == TensorType.F16) ? WeightFormat.Half
        : WeightFormat.Float;

    /// <summary>The tensors of <paramref name="model"/> as its format holds them, rounded.</summary>
    /// <exception cref="ModelException">A value is beyond the range of half.</exception>
    public static IReadOnlyList<NamedTensor> Pack(ModelFile model) => model.Weights switch
    {
        WeightFormat.Half => [.. model.Tensors.Select(t => ToHalf(t, model.Network.Name))],
        WeightFormat.Int8 => [.. Parameters(model).Zip(model.Tensors).SelectMany(pair => ToInt8(pair.First, pair.Second))],
        _ => model.Tensors,
    };

    /// <summary>The tensors as floats, without the scales; what 8-bit ones lack is added to <paramref name="wrong"/>.</summary>
    public static IReadOnlyList<NamedTensor> Unpack(IReadOnlyList<NamedTensor> tensors, IReadOnlyList<Parameter> parameters, List<string> wrong)
    {
        if (tensors.All(t => t.Type == TensorType.F32)) return tensors;
        var byName = tensors.ToDictionary(t => t.Name);
        var scales = tensors.Where(t => t.Type == TensorType.I8).Select(t => t.Name + ScaleSuffix).ToHashSet();
        return [.. tensors.Where(t => !scales.Contains(t.Name)).Select(ToFloat)];

        NamedTensor ToFloat(NamedTensor tensor)
        {
            var plain = tensor with { Type = TensorType.F32 };
            // What is unknown or of another shape has no channels, and is told as such by the caller.
            if (tensor.Type != TensorType.I8 || parameters.FirstOrDefault(p => p.Name == tensor.Name) is not { } parameter || !tensor.Shape.SequenceEqual(parameter.FileShape)) return plain;
            var name = tensor.Name + ScaleSuffix;
            var (channels, inner) = Channels(parameter);
            if (byName.GetValueOrDefault(name) is not { } scale) wrong.Add($"{name} is missing");
            else if (scale.Type == TensorType.I8) wrong.Add($"{name} is I8 instead of F32");
            else if (scale.Shape is not [var count] || count != channels) wrong.Add($"{name} is {scale.ShapeText} instead of [{channels}]");
            else if (Array.FindIndex(scale.Values, s => !(s is > 0 and < float.MaxValue / 128)) is >= 0 and var k) wrong.Add($"value {k} of {name} is {scale.Values[k]} instead of a positive number");
            else return plain with { Values = [.. tensor.Values.Select((q, i) => q * scale.Values[i / inner % channels])] };
            return plain;
        }
    }

    private static List<Parameter> Parameters(ModelFile model) => [.. model.Network.ParametersAt(model.Scales.First)];

    private static NamedTensor ToHalf(NamedTensor tensor, string network)
    {
        var rounded = Array.ConvertAll(tensor.Values, v => (float)(Half)v);
        var beyond = Array.FindIndex(rounded, v => !float.IsFinite(v));
        return beyond < 0 ? tensor with { Values = rounded, Type = TensorType.F16 }
            : throw new ModelException(network, $"value {beyond} of {tensor.Name} is {tensor.Values[beyond]}", $"half goes to {Half.MaxValue}", "keep float, or take int8");
    }

    private static IEnumerable<NamedTensor> ToInt8(Parameter parameter, NamedTensor tensor)
    {
        if (tensor.Shape.Length < 2) return [tensor];
        var (channels, inner) = Channels(parameter);
        var scales = new float[channels];
        for (var k = 0; k < channels; k++) scales[k] = BestScale([.. tensor.Values.Where((_, i) => i / inner % channels == k)]);
        var (whole, taps) = (new float[tensor.Values.Length], tensor.Shape[^2] * tensor.Shape[^1]);
        for (var i = 0; i < whole.Length; i += taps) Round(tensor.Values.AsSpan(i, taps), scales[i / inner % channels], whole.AsSpan(i, taps));
        return [tensor with { Values = whole, Type = TensorType.I8 }, new NamedTensor(tensor.Name + ScaleSuffix, [channels], scales)];
    }

    /// <summary>The scale with the least sum of squared errors. Weights that are whole multiples of one already get it back.</summary>
    private static float BestScale(float[] weights)
    {
        var largest = weights.Max(Math.Abs);
        if (largest < Negligible) return 1;
        return Enumerable.Range(FewestSteps, MostSteps - FewestSteps + 1).Select(steps => largest / steps).MinBy(scale => weights.Sum(w => Square(w - (scale * Round(w / scale)))));

        static double Square(double error) => error * error;
    }

    private static float Round(float steps) => Math.Clamp(MathF.Round(steps), -Largest, Largest);

    /// <summary>
    /// Rounds the taps of one kernel so that their sum stays within half a step: those nearest to the middle between two numbers go the other way.
    /// Where errors add up, what a kernel makes of a flat region changes, and pictures become darker or brighter.
    /// </summary>
    private static void Round(ReadOnlySpan<float> taps, float scale, Span<float> whole)
    {
        var excess = 0.0;
        for (var i = 0; i < taps.Length; i++) excess += (taps[i] / scale) - (whole[i] = Round(taps[i] / scale));
        var direction = Math.Sign(excess);
        for (var missing = Math.Round(Math.Abs(excess)); missing > 0; missing--)
        {
            var (best, gain) = (-1, float.NegativeInfinity);
            for (var i = 0; i < taps.Length; i++)
            {
                var error = direction * ((taps[i] / scale) - whole[i]);
                if (error > gain && Math.Abs(whole[i] + direction) <= Largest) (best, gain) = (i, error);
            }
            if (best < 0) return;
            whole[best] += direction;
        }
    }

    /// <summary>Output channels of a weight in a file's order, and how many values lie between one and the next.</summary>
    private static (int Channels, int Inner) Channels(Parameter parameter)
    {
        var (shape, axis) = (parameter.FileShape, parameter.InputFirst ? 1 : 0);
        return (shape[axis], shape.Skip(axis + 1).Aggregate(1, (product, size) => product * size));
    }
}
