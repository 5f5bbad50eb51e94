using Srcnn.Engine.Networks;
using Srcnn.Kernels;

namespace Srcnn.Engine.Models;

/// <summary>A network with its parameters on a backend, ready to run or to train. Owns the parameters, not the backend.</summary>
public sealed class Model : IDisposable
{
    /// <summary>Builds the network; its parameters are zero until <see cref="Load"/> or <see cref="ParameterStore.Initialize"/>.</summary>
    public Model(NetworkConfig network, int scale, IBackend backend)
    {
        (Network, Scale) = (network, scale);
        var output = network.Build(Map.Picture(network.Channels), scale);
        (Training, Inference) = (new Graph(output, training: true), new Graph(output, training: false));
        Parameters = new ParameterStore(backend, Training.Parameters);
    }

    /// <summary>Builds the network of <paramref name="file"/> and loads its tensors.</summary>
    /// <param name="scale">One of the file's; null takes its only, or least, one.</param>
    /// <exception cref="ArgumentException">The model does not serve that scale.</exception>
    public Model(ModelFile file, IBackend backend, int? scale = null)
        : this(file.Network, scale ?? file.Scales.First, backend)
    {
        if (!file.Scales.Contain(Scale)) throw new ArgumentException($"a model for scale {file.Scales} was asked for scale {Scale}", nameof(scale));
        Load(file.Tensors);
    }

    /// <summary>Its sizes.</summary>
    public NetworkConfig Network { get; }

    /// <summary>The upscaling factor.</summary>
    public int Scale { get; }

    /// <summary>Where the parameters live.</summary>
    public IBackend Backend => Parameters.Backend;

    /// <summary>The network as patches are trained.</summary>
    public Graph Training { get; }

    /// <summary>Which sides of a patch are padded in training.</summary>
    public Edges TrainingEdges => Network.PadsInTraining ? Edges.All : Edges.None;

    /// <summary>The network as whole pictures are run; same parameters.</summary>
    public Graph Inference { get; }

    /// <summary>The values both share.</summary>
    public ParameterStore Parameters { get; }

    /// <summary>Sets every parameter from tensors in the network's order (see <see cref="ModelFile.InOrder"/>).</summary>
    public void Load(IReadOnlyList<NamedTensor> tensors)
    {
        foreach (var (parameter, tensor) in Parameters.Parameters.Zip(tensors)) Parameters.Value(parameter).CopyFrom(parameter.FromFile(tensor.Values));
    }

    /// <summary>A snapshot of the parameters, in file order and layout.</summary>
    public IReadOnlyList<NamedTensor> Save() => [.. Parameters.ToFile(Parameters.Values)];

    /// <inheritdoc/>
    public void Dispose() => Parameters.Dispose();
}
