using Srcnn.Engine.Models;
using Srcnn.Engine.Networks;
using Srcnn.Engine.Onnx;
using Srcnn.Engine.Training;

namespace Srcnn.Bench.Peers;

/// <summary>What all engines are given: the same weights and the same numbers.</summary>
/// <param name="Model">The network, padded with zeros.</param>
/// <param name="Input">[height, width] of one channel.</param>
/// <param name="Threads">Threads to use.</param>
internal sealed record InferenceTask(ModelFile Model, float[] Input, int Width, int Height, int Threads)
{
    /// <summary>Pixels of the output's side for one of the input's.</summary>
    public int Enlargement => Model.Network.Input == NetworkInput.LowResolution ? Model.Scales.First : 1;

    /// <summary>The network as <c>srcnn export --onnx</c> writes it.</summary>
    public byte[] ToOnnx()
    {
        using var stream = new MemoryStream();
        OnnxExport.Write(Model, Model.Scales.First, stream);
        return stream.ToArray();
    }
}

/// <summary>One batch to be trained on.</summary>
internal sealed record TrainingTask(ModelFile Model, float[] Input, float[] Target, int Batch, int Side, int TargetSide, OptimizerKind Optimizer, int Threads);

/// <summary>Work that an engine has made ready.</summary>
internal interface IPrepared : IDisposable
{
    /// <summary>Does it once, to the end.</summary>
    void Run();

    /// <summary>What the last run computed: the picture, or the gradients in file order and layout.</summary>
    float[] Output();
}

/// <summary>An engine of others. Each lives in a file of its own, so that its libraries load only when it is used.</summary>
internal abstract class Peer
{
    public static IReadOnlyList<Peer> All { get; } = [new OnnxRuntimePeer(), new TorchPeer(channelsLast: false), new TorchPeer(channelsLast: true), new OpenCvPeer()];

    public abstract string Name { get; }

    /// <summary>Engines of one family are one opponent: its better layout counts.</summary>
    public abstract string Family { get; }

    /// <summary>Null where the engine cannot take the network.</summary>
    public abstract IPrepared? Prepare(InferenceTask task);

    /// <summary>Null where the engine does not train.</summary>
    public virtual IPrepared? Prepare(TrainingTask task) => null;
}
