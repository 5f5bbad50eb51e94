using Microsoft.ML.OnnxRuntime;
using Srcnn.Engine.Onnx;

namespace Srcnn.Bench.Peers;

/// <summary>ONNX Runtime's CPU provider, all graph optimisations, sizes fixed and buffers bound beforehand.</summary>
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
            foreach (var (axis, extent) in (ReadOnlySpan<(string, int)>)[("batch", 1), ("height", task.Height), ("width", task.Width)])
                options.AddFreeDimensionOverrideByName(axis, extent);
            session = new InferenceSession(task.ToOnnx(), options);
            var scale = task.Enlargement;
            result = new float[task.Input.Length * scale * scale];
            input = OrtValue.CreateTensorValueFromMemory(task.Input, [1, 1, task.Height, task.Width]);
            output = OrtValue.CreateTensorValueFromMemory(result, [1, 1, task.Height * scale, task.Width * scale]);
        }

        public void Run() => session.Run(run, [OnnxExport.InputName], [input], session.OutputNames, [output]);

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
