using System.Runtime.Intrinsics;
using Srcnn.Engine.Models;
using Srcnn.Kernels;

namespace Srcnn.Engine.Upscaling;

/// <summary>A trained network, which refines the bicubic enlargement or makes an enlargement of its own.</summary>
internal sealed class NetworkStage : IRowStage, IDisposable
{
    /// <summary>Side of the result that the cost is counted on: a multiple of every scale up to 8 but 7.</summary>
    private const int CostSide = 960;

    private readonly Model model;
    private readonly HostSpare? spare;
    private readonly PictureRunner runner;
    private readonly IRowStage stage;

    /// <param name="step">The network and its factor.</param>
    /// <param name="backend">Not owned.</param>
    /// <param name="options">All but scale and device.</param>
    public NetworkStage(ModelStep step, IBackend backend, UpscalerOptions options)
    {
        model = new Model(step.Model, backend, step.Scale);
        if (backend.IsDevice) spare = new HostSpare(step.Model, step.Scale, whenFull: options.Device == UpscalerOptions.Auto, options.Warn ?? (_ => { }));
        runner = new PictureRunner(model, options.Tile, options.Algorithm, spare);
        stage = runner;
        if (step.Scale != runner.Scale) stage = new ChainStage(new BicubicStage(step.Scale / runner.Scale, Channels, Upscaler.HostThreads(backend, options.Threads), backend.Profile), runner, Channels);
    }

    /// <inheritdoc/>
    public int Scale => stage.Scale;

    public string Name => model.Network.Name;

    public int Channels => model.Network.Channels;

    /// <summary>Pixels of the input around a pixel that what becomes of it depends on.</summary>
    public int Reach => runner.Scale == Scale ? model.Inference.Radius : (model.Inference.Radius / Scale) + 1 + Upscaler.BicubicReach;

    public NetworkCost Cost
    {
        get
        {
            var side = CostSide / runner.Scale;
            return new NetworkCost(model.Parameters.Count, model.Inference.Flops(new Shape(1, side, side, Channels)) / CostSide / CostSide / 1000);
        }
    }

    /// <inheritdoc/>
    public void Start(int height, int width) => stage.Start(height, width);

    /// <inheritdoc/>
    /// <exception cref="DeviceException">The device computed something that is no number.</exception>
    public void Push(ReadOnlyMemory<float> rows, Func<int, Memory<float>> output)
    {
        Memory<float> made = default;
        stage.Push(rows, count => made = output(count));
        // Weights and pictures are finite, so anything else is the device's doing; it must not become a black picture.
        if (!AreNumbers(made.Span)) throw new DeviceException($"{model.Backend.Name} ({model.Backend.Description}) computed values that are no numbers");
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        runner.Dispose();
        spare?.Dispose();
        model.Dispose();
    }

    private static bool AreNumbers(ReadOnlySpan<float> values)
    {
        var (sums, i) = (Vector128<float>.Zero, 0);
        for (; i <= values.Length - Vector128<float>.Count; i += Vector128<float>.Count) sums += Vector128.Create(values[i..]) * 0;
        var sum = Vector128.Sum(sums);
        for (; i < values.Length; i++) sum += values[i] * 0;
        return sum == 0; // zero times infinity or NaN is NaN
    }
}
