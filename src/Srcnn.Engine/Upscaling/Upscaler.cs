using System.Numerics;
using System.Runtime.InteropServices;
using Srcnn.Engine.Models;
using Srcnn.Kernels;

namespace Srcnn.Engine.Upscaling;

/// <summary>Enlarges pictures by a trained network, which refines the bicubic enlargement or makes an enlargement of its own.</summary>
/// <exception cref="DeviceException">Upscaling: the device computed something that is no number.</exception>
public sealed class Upscaler : StagedUpscaler
{
    /// <summary>Side of the result that the cost is counted on: a multiple of every scale up to 8 but 7.</summary>
    private const int CostSide = 960;

    private readonly Model model;
    private readonly PictureRunner runner;

    /// <param name="model">Not owned.</param>
    /// <param name="tile">Side of a tile in pixels; 0 chooses. The result does not depend on it.</param>
    /// <param name="algorithm">Direct or fast convolution, where the backend has a choice.</param>
    /// <param name="spare">Takes over what a device fails at; null lets it fail. Not owned.</param>
    public Upscaler(Model model, int tile = 0, Algorithm algorithm = Algorithm.Auto, HostSpare? spare = null)
    {
        this.model = model;
        runner = new PictureRunner(model, tile, algorithm, spare);
        var before = model.Scale / runner.Scale;
        var network = new Checked(this);
        Stage = before == 1 ? network : new ChainStage(new BicubicStage(before, Channels, model.Backend.Profile), network, Channels);
    }

    /// <inheritdoc/>
    public override string Name => model.Network.Name;

    /// <inheritdoc/>
    public override int Channels => model.Network.Channels;

    /// <inheritdoc/>
    public override NetworkCost Cost
    {
        get
        {
            var side = CostSide / runner.Scale;
            return new NetworkCost(model.Parameters.Count, model.Inference.Flops(new Shape(1, side, side, Channels)) / CostSide / CostSide / 1000);
        }
    }

    internal override IRowStage Stage { get; }

    internal override Profile? Profile => model.Backend.Profile;

    /// <inheritdoc/>
    public override void Dispose() => runner.Dispose();

    /// <summary>The network, and a look at what it made.</summary>
    private sealed class Checked(Upscaler upscaler) : IRowStage
    {
        private readonly IRowStage network = upscaler.runner;

        public int Scale => network.Scale;

        public void Start(int height, int width) => network.Start(height, width);

        public void Push(ReadOnlyMemory<float> rows, Func<int, Memory<float>> output)
        {
            Memory<float> made = default;
            network.Push(rows, count => made = output(count));
            // Weights and pictures are finite, so anything else is the device's doing; it must not become a black picture.
            if (!AreNumbers(made.Span))
                throw new DeviceException($"{upscaler.model.Backend.Name} ({upscaler.model.Backend.Description}) computed values that are no numbers");
        }

        private static bool AreNumbers(ReadOnlySpan<float> values)
        {
            var sums = Vector<float>.Zero;
            foreach (var vector in MemoryMarshal.Cast<float, Vector<float>>(values)) sums += vector * 0;
            var sum = Vector.Sum(sums);
            foreach (var value in values[^(values.Length % Vector<float>.Count)..]) sum += value * 0;
            return sum == 0; // zero times infinity or NaN is NaN
        }
    }
}
