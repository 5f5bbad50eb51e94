using Srcnn.Engine.Models;
using Srcnn.Engine.Networks;
using TorchSharp.Modules;
using static TorchSharp.torch;
using ConvTranspose2dGeometry = Srcnn.Kernels.ConvTranspose2dGeometry;

namespace Srcnn.Bench.Peers;

/// <summary>Our networks in libtorch's modules, with their parameters in file order.</summary>
internal static class TorchNetwork
{
    /// <summary>The network of a model, padded with zeros as pictures are, or as <paramref name="training"/> is.</summary>
    public static nn.Module<Tensor, Tensor> Build(ModelFile model, bool training, bool channelsLast)
    {
        var isPadded = !training || model.Network.PadsInTraining;
        List<nn.Module<Tensor, Tensor>> modules = [];
        using var constant = no_grad();
        // Weight and bias of a layer, then its slopes where it has a PReLU. Without them a ReLU follows, but not at the end.
        var tensors = new Queue<NamedTensor>(model.Tensors);
        while (tensors.TryDequeue(out var weight))
        {
            var bias = tensors.Dequeue();
            modules.Add(weight.Name == "deconv.weight" ? Enlarging(model, weight, bias, isPadded, channelsLast) : Convolution(weight, bias, isPadded, channelsLast));
            if (!tensors.TryPeek(out var next)) break;
            modules.Add(next.Name.EndsWith(".slope", StringComparison.Ordinal) ? Activation(tensors.Dequeue()) : nn.ReLU(inplace: true));
        }
        var body = nn.Sequential(modules);
        return model.Network is VdsrConfig ? new Residual(body) : body;
    }

    /// <summary>A tensor of [N, C, H, W] whose memory holds [N, H, W, C], what torch calls channels_last, if so wanted.</summary>
    public static Tensor Place(Tensor tensor, bool channelsLast) =>
        channelsLast ? tensor.permute(0, 2, 3, 1).contiguous().permute(0, 3, 1, 2) : tensor;

    private static Conv2d Convolution(NamedTensor weight, NamedTensor bias, bool isPadded, bool channelsLast)
    {
        var side = weight.Shape[2];
        var layer = nn.Conv2d(weight.Shape[1], weight.Shape[0], side, padding: isPadded ? side / 2 : 0);
        layer.weight = Weight(weight, channelsLast);
        layer.bias!.copy_(tensor(bias.Values));
        return layer;
    }

    private static ConvTranspose2d Enlarging(ModelFile model, NamedTensor weight, NamedTensor bias, bool isPadded, bool channelsLast)
    {
        var (side, scale) = (weight.Shape[2], model.Scales.First);
        var geometry = new ConvTranspose2dGeometry(weight.Shape[0], weight.Shape[1], side, scale, ((FsrcnnConfig)model.Network).OffsetAt(scale));
        var cut = geometry.Offset + (isPadded ? 0 : geometry.Radius * scale);
        var layer = nn.ConvTranspose2d(geometry.InChannels, geometry.OutChannels, side, stride: scale, padding: cut, output_padding: scale + (2 * geometry.Offset) - side);
        layer.weight = Weight(weight, channelsLast);
        layer.bias!.copy_(tensor(bias.Values));
        return layer;
    }

    private static PReLU Activation(NamedTensor slope)
    {
        var layer = nn.PReLU(slope.Values.Length);
        layer.weight!.copy_(tensor(slope.Values));
        return layer;
    }

    private static Parameter Weight(NamedTensor weight, bool channelsLast) =>
        new(Place(tensor(weight.Values, [.. weight.Shape.Select(extent => (long)extent)]), channelsLast), requires_grad: true);

    private sealed class Residual : nn.Module<Tensor, Tensor>
    {
        private readonly Sequential body;

        public Residual(Sequential body)
            : base("residual")
        {
            this.body = body;
            RegisterComponents();
        }

        public override Tensor forward(Tensor input) => input + body.forward(input);
    }
}
