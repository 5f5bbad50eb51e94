using Srcnn.Engine.Networks;
using Srcnn.Engine.Training;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Srcnn.Bench.Peers;

/// <summary>libtorch through TorchSharp, in one of its two memory layouts.</summary>
internal sealed class TorchPeer(bool channelsLast) : Peer
{
    public override string Name => channelsLast ? "libtorch, channels last" : "libtorch";

    public override string Family => "libtorch";

    /// <summary>TorchNetwork builds chains and skips around the whole; the default family skips around its middle.</summary>
    public override IPrepared? Prepare(InferenceTask task) => task.Model.Network is CompactConfig ? null : new Inference(task, channelsLast);

    public override IPrepared Prepare(TrainingTask task) => new Training(task, channelsLast);

    private sealed class Inference : IPrepared
    {
        private readonly nn.Module<Tensor, Tensor> net;
        private readonly Tensor input;
        private Tensor? output;

        public Inference(InferenceTask task, bool channelsLast)
        {
            set_num_threads(task.Threads);
            net = TorchNetwork.Build(task.Model, training: false, channelsLast: channelsLast);
            net.eval();
            input = TorchNetwork.Place(tensor(task.Input, [1, 1, task.Height, task.Width]), channelsLast);
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
        private readonly nn.Module<Tensor, Tensor> net;
        private readonly MSELoss loss = nn.MSELoss();
        private readonly optim.Optimizer optimizer;
        private readonly Tensor input, target;

        public Training(TrainingTask task, bool channelsLast)
        {
            set_num_threads(task.Threads);
            net = TorchNetwork.Build(task.Model, training: true, channelsLast: channelsLast);
            net.train();
            input = TorchNetwork.Place(tensor(task.Input, [task.Batch, 1, task.Side, task.Side]), channelsLast);
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
