using Srcnn.Engine.Files;
using Srcnn.Engine.Models;
using Srcnn.Engine.Networks;
using Srcnn.Kernels;

namespace Srcnn.Engine.Onnx;

/// <summary>
/// Writes a model as ONNX, for runtimes of others, for pictures of any height and width: the network alone, on floats in about [0, 1], or
/// everything around it too, from 8-bit RGB to 8-bit RGB.
/// </summary>
public static class OnnxExport
{
    /// <summary>The only input's name.</summary>
    public const string InputName = "input";

    // Of 2020: Pad takes its sizes as an input since 11, and every runtime in use knows 13.
    private const int FormatVersion = 7, OperatorSet = 13;

    /// <summary>Writes <paramref name="model"/>, built for <paramref name="scale"/>, to <paramref name="path"/>; an existing file is replaced only by a complete one.</summary>
    /// <param name="withBicubic">Whether the file enlarges by itself, from 8-bit RGB to 8-bit RGB.</param>
    /// <exception cref="NotSupportedException">A layer of the network has no ONNX form.</exception>
    public static void Save(ModelFile model, int scale, string path, bool withBicubic = false) => AtomicFile.Write(path, stream => Write(model, scale, stream, withBicubic));

    /// <summary>The same to a stream.</summary>
    public static void Write(ModelFile model, int scale, Stream stream, bool withBicubic = false)
    {
        var graph = new OnnxGraph(model.Tensors);
        var network = new Graph(model.Network.Build(Map.Picture(model.Network.Channels), scale), training: true);
        var output = withBicubic
            ? OnnxPicture.Write(graph, model.Network, scale, small => network.Export(graph, small))
            : network.Export(graph, InputName);
        var channels = withBicubic ? OnnxPicture.Colors : model.Network.Channels;
        var (reads, makes) = Describe(model, scale, withBicubic);
        var document = new ProtoWriter()
            .Number(1, FormatVersion)
            .Text(2, "srcnn")
            .Text(6, $"{model.Network.Name} ×{scale}; input: {reads}; output: {makes}")
            .Message(7, graph.Finish(model.Network.Name, InputName, output, channels, withBicubic))
            .Message(8, new ProtoWriter().Text(1, "").Number(2, OperatorSet));
        foreach (var (key, value) in model.ToSafetensors().Metadata) document.Message(14, new ProtoWriter().Text(1, key).Text(2, value));
        stream.Write(document.Written);
    }

    /// <summary>What the file reads and makes, in words.</summary>
    public static (string Input, string Output) Describe(ModelFile model, int scale, bool withBicubic = false)
    {
        if (withBicubic)
        {
            return ("uint8 [batch, 3, height, width], the picture in RGB, at least 2 pixels a side",
                $"uint8 [batch, 3, {scale}·height, {scale}·width], the enlarged picture in RGB");
        }
        var kind = model.Network.Channels == 1 ? "Y of BT.601 studio range divided by 255" : "RGB divided by 255";
        var (isBicubic, tensor) = (model.Network.Input == NetworkInput.Bicubic, $"float32 [batch, {model.Network.Channels}, ");
        return ($"{tensor}height, width], {kind}, of the picture {(isBicubic ? $"that bicubic has enlarged {scale} times" : "as it is")}",
            isBicubic ? "the same, refined, of the same size" : $"{tensor}{scale}·height, {scale}·width], the same of the enlarged picture");
    }
}
