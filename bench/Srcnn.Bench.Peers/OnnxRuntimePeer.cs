using Microsoft.ML.OnnxRuntime;

namespace Srcnn.Bench.Peers;

/// <summary>ONNX Runtime's CPU provider, all graph optimisations, buffers bound beforehand.</summary>
internal sealed class OnnxRuntimePeer : Peer
{
    public override string Name => "ONNX Runtime";

    public override string Family => "ONNX Runtime";

    public override IPrepared Prepare(InferenceTask task) => new Prepared(task);

    private sealed class Prepared : IPrepared
    {
        private readonly SessionOptions options;
        private readonly InferenceSession session;
        private readonly RunOptions run = new();
        private readonly float[] result;
        private readonly OrtValue input, output;

        public Prepared(InferenceTask task)
        {
            options = new SessionOptions { IntraOpNumThreads = task.Threads, InterOpNumThreads = 1, GraphOptimizationLevel = GraphOptimizationLevel.ORT_ENABLE_ALL };
            session = new InferenceSession(OnnxWriter.Write(task.Layers, task.Height, task.Width), options);
            long[] shape = [1, 1, task.Height, task.Width];
            result = new float[task.Input.Length];
            input = OrtValue.CreateTensorValueFromMemory(task.Input, shape);
            output = OrtValue.CreateTensorValueFromMemory(result, shape);
        }

        public void Run() => session.Run(run, ["input"], [input], ["output"], [output]);

        public float[] Output() => result;

        public void Dispose()
        {
            output.Dispose();
            input.Dispose();
            run.Dispose();
            session.Dispose();
            options.Dispose();
        }
    }
}
