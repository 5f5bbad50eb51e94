using System.Runtime.InteropServices;
using OpenCvSharp;
using OpenCvSharp.Dnn;

namespace Srcnn.Bench.Peers;

/// <summary>OpenCV's dnn module on the CPU.</summary>
internal sealed class OpenCvPeer : Peer
{
    public override string Name => "OpenCV dnn";

    public override string Family => "OpenCV dnn";

    public override IPrepared Prepare(InferenceTask task) => new Prepared(task);

    private sealed class Prepared : IPrepared
    {
        private readonly Net net;
        private readonly Mat blob;
        private Mat? output;

        public Prepared(InferenceTask task)
        {
            Cv2.SetNumThreads(task.Threads);
            net = CvDnn.ReadNetFromOnnx(task.ToOnnx()) ?? throw new InvalidOperationException("OpenCV does not read the network");
            net.SetPreferableBackend(Backend.OPENCV);
            net.SetPreferableTarget(OpenCvSharp.Dnn.Target.CPU);
            using var picture = Mat.FromPixelData(task.Height, task.Width, MatType.CV_32FC1, task.Input);
            blob = CvDnn.BlobFromImage(picture);
        }

        public void Run()
        {
            output?.Dispose();
            net.SetInput(blob);
            output = net.Forward();
        }

        public float[] Output()
        {
            var values = new float[output!.Total()];
            Marshal.Copy(output.Data, values, 0, values.Length);
            return values;
        }

        public void Dispose()
        {
            output?.Dispose();
            blob.Dispose();
            net.Dispose();
        }
    }
}
