using Srcnn.Engine.Models;
using Srcnn.Kernels;

namespace Srcnn.Engine.Upscaling;

/// <summary>The same model on host, opened when a device fails: it computes the tiles that the device does not.</summary>
/// <param name="file">What the device runs.</param>
/// <param name="scale">As for <see cref="Model"/>.</param>
/// <param name="whenFull">Whether it also takes tiles that find no room on the device.</param>
/// <param name="warn">Told, once, what happened.</param>
internal sealed class HostSpare(ModelFile file, int? scale, bool whenFull, Action<string> warn) : IDisposable
{
    private readonly Lock turn = new();
    private HostBackend? backend;
    private Model? model;
    private Workspace? workspace;
    private bool warned;

    /// <summary>Whether it also takes tiles that find no room on the device.</summary>
    public bool WhenFull => whenFull;

    /// <inheritdoc/>
    public void Dispose()
    {
        workspace?.Dispose();
        model?.Dispose();
        backend?.Dispose();
    }

    /// <summary>The network's output for a tile of <paramref name="shape"/>. Tiles of several threads wait for each other.</summary>
    internal float[] Run(float[] values, Shape shape, Edges edges)
    {
        lock (turn) return Forward(values, shape, edges);
    }

    internal void Warn(string what)
    {
        if (!Interlocked.Exchange(ref warned, true)) warn($"{what}; host computes what the device does not; check it with 'srcnn selftest'");
    }

    private float[] Forward(float[] values, Shape shape, Edges edges)
    {
        if (workspace is null)
        {
            backend = new HostBackend();
            model = new Model(file, backend, scale);
            model.Inference.Prepare(model.Parameters);
            workspace = new Workspace(model.Inference, model.Parameters);
        }
        workspace.Edges = edges;
        using var input = backend!.Allocate(shape);
        input.CopyFrom(values);
        return workspace.Forward(input).ToArray();
    }
}
