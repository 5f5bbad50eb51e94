using Srcnn.Engine.Training;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Srcnn.Bench.Peers;

/// <summary>libtorch through TorchSharp, in one of its two memory layouts.</summary>
internal sealed class TorchPeer(bool channelsLast) : Peer
{
    public override string Name => channelsLast ? "libtorch, channels last" : "libtorch";

    public override string Family => "libtorch";

    public override IPrepared Prepare(InferenceTask task) => new Inference(task, channelsLast);

    public override IPrepared Prepare(TrainingTask task) => new Training(task, channelsLast);

    // A tensor of [N, C, H, W] whose memory holds [N, H, W, C]: what torch calls channels_last.
    private static Tensor Place(Tensor tensor, bool channelsLast) =>
        channelsLast ? tensor.permute(0, 2, 3, 1).contiguous().permute(0, 3, 1, 2) : tensor;

    private static Sequential Build(IReadOnlyList<ConvolutionWeights> layers, bool padded, bool channelsLast)
    {
        List<(string, nn.Module<Tensor, Tensor>)> modules = [];
        using var constant = no_grad();
        foreach (var layer in layers)
        {
            var convolution = nn.Conv2d(layer.InChannels, layer.OutChannels, layer.KernelSize, padding: padded ? layer.KernelSize / 2 : 0);
            var weight = tensor(layer.Weight, [layer.OutChannels, layer.InChannels, layer.KernelSize, layer.KernelSize]);
            convolution.weight = new Parameter(Place(weight, channelsLast), requires_grad: true);
            convolution.bias!.copy_(tensor(layer.Bias));
            modules.Add((layer.Name, convolution));
            if (layer != layers[^1]) modules.Add(($"{layer.Name}_relu", nn.ReLU(inplace: true)));
        }
        return nn.Sequential(modules);
    }

    private sealed class Inference : IPrepared
    {
        private readonly Sequential net;
        private readonly Tensor input;
        private Tensor? output;

        public Inference(InferenceTask task, bool channelsLast)
        {
            set_num_threads(task.Threads);
            net = Build(task.Layers, padded: true, channelsLast);
            net.eval();
            input = Place(tensor(task.Input, [1, 1, task.Height, task.Width]), channelsLast);
        }

        public void Run()
        {
            using var mode = inference_mode();
            using var scope = NewDisposeScope();
            output?.Dispose();
            output = net.forward(input).MoveToOuterDisposeScope();
        }

        public float[] Output() => [.. output!.contiguous().data<float>()];

        public void Dispose()
        {
            output?.Dispose();
            input.Dispose();
            net.Dispose();
        }
    }

    private sealed class Training : IPrepared
    {
        private readonly Sequential net;
        private readonly MSELoss loss = nn.MSELoss();
        private readonly optim.Optimizer optimizer;
        private readonly Tensor input, target;

        public Training(TrainingTask task, bool channelsLast)
        {
            set_num_threads(task.Threads);
            net = Build(task.Layers, padded: false, channelsLast);
            net.train();
            input = Place(tensor(task.Input, [task.Batch, 1, task.Side, task.Side]), channelsLast);
            target = tensor(task.Target, [task.Batch, 1, task.TargetSide, task.TargetSide]);
            optimizer = task.Optimizer == OptimizerKind.Adam ? optim.Adam(net.parameters(), 1e-5) : optim.SGD(net.parameters(), 1e-5, momentum: 0.9);
        }

        public void Run()
        {
            using var scope = NewDisposeScope();
            optimizer.zero_grad();
            var error = loss.forward(net.forward(input), target);
            error.backward();
            optimizer.step();
        }

        public float[] Output() => [.. net.parameters().SelectMany(p => p.grad!.contiguous().data<float>().ToArray())];

        public void Dispose()
        {
            input.Dispose();
            target.Dispose();
            optimizer.Dispose();
            loss.Dispose();
            net.Dispose();
        }
    }
}
