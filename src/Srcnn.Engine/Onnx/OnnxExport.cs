using Srcnn.Engine.Files;
using Srcnn.Engine.Models;
using Srcnn.Engine.Networks;
using Srcnn.Kernels;

namespace Srcnn.Engine.Onnx;

/// <summary>Writes a model as ONNX, for runtimes of others: [batch, channels, height, width] float32 in about [0, 1], any height and width.</summary>
public static class OnnxExport
{
    /// <summary>The only input's name.</summary>
    public const string InputName = "input";

    // Of 2020: Pad takes its sizes as an input since 11, and every runtime in use knows 13.
    private const int FormatVersion = 7, OperatorSet = 13;

    /// <summary>Writes <paramref name="model"/>, built for <paramref name="scale"/>, to <paramref name="path"/>; an existing file is replaced only by a complete one.</summary>
    /// <exception cref="NotSupportedException">A layer of the network has no ONNX form.</exception>
    public static void Save(ModelFile model, int scale, string path) => AtomicFile.Write(path, stream => Write(model, scale, stream));

    /// <summary>The same to a stream.</summary>
    public static void Write(ModelFile model, int scale, Stream stream)
    {
        var graph = new OnnxGraph(model.Tensors);
        var output = new Graph(model.Network.Build(Map.Picture(model.Network.Channels), scale), training: true).Export(graph, InputName);
        var document = new ProtoWriter()
            .Number(1, FormatVersion)
            .Text(2, "srcnn")
            .Text(6, $"{model.Network.Name} ×{scale}; reads {(model.Network.Input == NetworkInput.Bicubic ? "the picture enlarged by bicubic" : "the small picture")}, "
                + $"{(model.Network.Channels == 1 ? "Y of BT.601 studio range divided by 255" : "RGB divided by 255")}")
            .Message(7, graph.Finish(model.Network.Name, InputName, output, model.Network.Channels))
            .Message(8, new ProtoWriter().Text(1, "").Number(2, OperatorSet));
        foreach (var (key, value) in model.ToSafetensors().Metadata) document.Message(14, new ProtoWriter().Text(1, key).Text(2, value));
        stream.Write(document.Written);
    }
}
