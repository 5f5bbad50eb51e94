using System.Numerics;

namespace Srcnn.Kernels;

/// <summary>Kernel taps and phases, in any number type; the host runs it too, for the weights are few.</summary>
internal static class ConvTranspose2dReference<T>
    where T : INumber<T>
{
    public static void ToPhases(in ConvTranspose2dGeometry g, Span<T> weight, Span<T> bias, Span<T> phaseWeight, Span<T> phaseBias)
    {
        var (width, phases) = (g.OutChannels, g.Phases.OutChannels);
        phaseWeight.Clear();
        foreach (var (tap, phase) in Places(g))
        for (var c = 0; c < g.InChannels; c++)
        for (var k = 0; k < width; k++)
            phaseWeight[phase + (c * phases) + k] = weight[tap + (c * width) + k];
        for (var i = 0; i < phaseBias.Length; i++) phaseBias[i] = bias[i % width];
    }

    public static void FromPhases(in ConvTranspose2dGeometry g, Span<T> phaseWeight, Span<T> phaseBias, Span<T> weight, Span<T> bias)
    {
        var (width, phases) = (g.OutChannels, g.Phases.OutChannels);
        foreach (var (tap, phase) in Places(g))
        for (var c = 0; c < g.InChannels; c++)
        for (var k = 0; k < width; k++)
            weight[tap + (c * width) + k] += phaseWeight[phase + (c * phases) + k];
        for (var i = 0; i < phaseBias.Length; i++) bias[i % width] += phaseBias[i];
    }

    /// <summary>Where each tap of the kernel begins in the weights [R, S, C, K], and where in those of the phases [T, T, C, stride²·K].</summary>
    private static IEnumerable<(int Tap, int Phase)> Places(ConvTranspose2dGeometry g)
    {
        var taps = g.Phases;
        for (var ty = 0; ty < taps.KernelSize; ty++)
        for (var tx = 0; tx < taps.KernelSize; tx++)
        for (var i = 0; i < g.Stride; i++)
        for (var j = 0; j < g.Stride; j++)
        {
            int r = g.Tap(ty, i), s = g.Tap(tx, j);
            if ((uint)r >= (uint)g.KernelSize || (uint)s >= (uint)g.KernelSize) continue;
            yield return (((r * g.KernelSize) + s) * g.InChannels * g.OutChannels, (((ty * taps.KernelSize) + tx) * g.InChannels * taps.OutChannels) + (((i * g.Stride) + j) * g.OutChannels));
        }
    }
}

public sealed partial class ReferenceBackend
{
    /// <inheritdoc/>
    public void ConvTranspose2dToPhases(in ConvTranspose2dGeometry geometry, Tensor weight, Tensor bias, Tensor phaseWeight, Tensor phaseBias)
    {
        geometry.Check(weight, bias, phaseWeight, phaseBias);
        ConvTranspose2dReference<double>.ToPhases(geometry, Elements(weight), Elements(bias), Elements(phaseWeight), Elements(phaseBias));
    }

    /// <inheritdoc/>
    public void ConvTranspose2dFromPhases(in ConvTranspose2dGeometry geometry, Tensor phaseWeightGrad, Tensor phaseBiasGrad, Tensor weightGrad, Tensor biasGrad)
    {
        geometry.Check(weightGrad, biasGrad, phaseWeightGrad, phaseBiasGrad);
        ConvTranspose2dReference<double>.FromPhases(geometry, Elements(phaseWeightGrad), Elements(phaseBiasGrad), Elements(weightGrad), Elements(biasGrad));
    }
}

public sealed partial class HostBackend
{
    /// <inheritdoc/>
    public void ConvTranspose2dToPhases(in ConvTranspose2dGeometry geometry, Tensor weight, Tensor bias, Tensor phaseWeight, Tensor phaseBias)
    {
        geometry.Check(weight, bias, phaseWeight, phaseBias);
        ConvTranspose2dReference<float>.ToPhases(geometry, Elements(weight), Elements(bias), Elements(phaseWeight), Elements(phaseBias));
    }

    /// <inheritdoc/>
    public void ConvTranspose2dFromPhases(in ConvTranspose2dGeometry geometry, Tensor phaseWeightGrad, Tensor phaseBiasGrad, Tensor weightGrad, Tensor biasGrad)
    {
        geometry.Check(weightGrad, biasGrad, phaseWeightGrad, phaseBiasGrad);
        ConvTranspose2dReference<float>.FromPhases(geometry, Elements(phaseWeightGrad), Elements(phaseBiasGrad), Elements(weightGrad), Elements(biasGrad));
    }
}
