using System.Diagnostics;
using System.Globalization;
using OpenCvSharp;
using OpenCvSharp.Dnn;
using Srcnn.Engine.Diagnostics;
using Srcnn.Engine.Models;
using Srcnn.Engine.Networks;
using Srcnn.Kernels;
using Size = OpenCvSharp.Size;

namespace Srcnn.Bench.Peers;

/// <summary>
/// A photograph from file to file, decoded, enlarged by SRCNN 9-1-5 ×2 and encoded: <c>srcnn upscale</c>, starting included, beside OpenCV,
/// which is spared its start. All maps of 48 megapixels would take OpenCV 18 GB, so it gets tiles that overlap by what the network sees.
/// </summary>
internal static class PhotoContest
{
    private const string Model = "srcnn-9-1-5-x2";

    private const int Scale = 2, Quality = 90;

    /// <summary>Pixels beside an output that the three layers see, (9 + 1 + 5 − 3) / 2.</summary>
    private const int Border = 6;

    /// <summary>Side of OpenCV's tiles: of 256, 512 and 1024 the fastest here.</summary>
    private const int Tile = 512;

    /// <summary>Mean difference of luma in levels of 255: the two enlarge by other cubics and encode by other libraries. Without the network it is 3.5.</summary>
    private const double Tolerance = 2.5;

    /// <summary>Prints the times of both, taken in turns.</summary>
    /// <exception cref="ArgumentException">A file is missing on the command line.</exception>
    /// <exception cref="DisagreementException">The two make different pictures.</exception>
    public static void Run(Options options)
    {
        string srcnn = Options.Required(options.Srcnn, "--srcnn"), photo = Path.Combine(Options.Required(options.Files, "--files"), "photo.jpg");
        string ours = Path.ChangeExtension(photo, "ours.jpg"), theirs = Path.ChangeExtension(photo, "opencv.jpg");
        Cv2.SetNumThreads(options.Threads);
        using var net = Network();
        List<double> our = [], their = [];
        for (var round = 0; round < options.Rounds; round++)
        {
            our.Add(Seconds(() => Upscale(srcnn, photo, ours, options.Threads)));
            their.Add(Seconds(() => Upscale(net, photo, theirs)));
            if (round == 0) Compare(ours, theirs);
        }
        double us = Timing.Of(our).Median, them = Timing.Of(their).Median;
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"photograph of 12 megapixels ×2, medians of {options.Rounds} rounds: srcnn upscale {us:F2} s, OpenCV {them:F2} s, {them / us:F1} times as long"));
    }

    private static double Seconds(Action work)
    {
        var clock = Stopwatch.StartNew();
        work();
        return clock.Elapsed.TotalSeconds;
    }

    private static void Upscale(string srcnn, string input, string output, int threads)
    {
        using var child = Process.Start(new ProcessStartInfo(srcnn, ["upscale", input, "-o", output, "--overwrite", "--quality", $"{Quality}", "--model", Model, "--device", "host", "--threads", $"{threads}"])
        {
            RedirectStandardOutput = true,
        })!;
        child.StandardOutput.ReadToEnd();
        child.WaitForExit();
        if (child.ExitCode != 0) throw new DisagreementException($"{srcnn} ended with {child.ExitCode}");
    }

    /// <summary>Padded with zeros, which no output of a tile sees.</summary>
    private static Net Network()
    {
        var model = ModelCatalog.Resolve(Model);
        model = model with { Network = (SrcnnConfig)model.Network with { Border = PaddingMode.Zero } };
        return CvDnn.ReadNetFromOnnx(new InferenceTask(model, [], 0, 0, 0).ToOnnx()) ?? throw new InvalidOperationException("OpenCV does not read the network");
    }

    private static void Upscale(Net net, string input, string output)
    {
        using var photo = Cv2.ImRead(input);
        using Mat colors = new(), large = new();
        Cv2.CvtColor(photo, colors, ColorConversionCodes.BGR2YCrCb);
        Cv2.Resize(colors, large, new Size(photo.Width * Scale, photo.Height * Scale), interpolation: InterpolationFlags.Cubic);
        var planes = Cv2.Split(large);
        try
        {
            // The network sees luma as MATLAB has it, 16 to 235 of 255.
            using Mat luma = new(), padded = new();
            planes[0].ConvertTo(luma, MatType.CV_32FC1, 219.0 / 255 / 255, 16.0 / 255);
            Cv2.CopyMakeBorder(luma, padded, Border, Border, Border, Border, BorderTypes.Replicate);
            var (right, bottom) = (luma.Width, luma.Height);
            for (var y = 0; y < bottom; y += Tile)
            for (var x = 0; x < right; x += Tile)
            {
                var (width, height) = (Math.Min(Tile, right - x), Math.Min(Tile, bottom - y));
                using var tile = padded[new Rect(x, y, width + (2 * Border), height + (2 * Border))];
                using var blob = CvDnn.BlobFromImage(tile);
                net.SetInput(blob);
                using var made = net.Forward();
                using var whole = Mat.FromPixelData(tile.Height, tile.Width, MatType.CV_32FC1, made.Data);
                using var inner = whole[new Rect(Border, Border, width, height)];
                using var place = luma[new Rect(x, y, width, height)]; // read already, in padded
                inner.CopyTo(place);
            }
            luma.ConvertTo(planes[0], MatType.CV_8UC1, 255 * 255.0 / 219, -16 * 255.0 / 219);
            Cv2.Merge(planes, large);
        }
        finally
        {
            foreach (var plane in planes) plane.Dispose();
        }
        Cv2.CvtColor(large, large, ColorConversionCodes.YCrCb2BGR);
        Cv2.ImWrite(output, large, new ImageEncodingParam(ImwriteFlags.JpegQuality, Quality));
    }

    private static void Compare(string ours, string theirs)
    {
        using Mat a = Cv2.ImRead(ours, ImreadModes.Grayscale), b = Cv2.ImRead(theirs, ImreadModes.Grayscale), difference = new();
        Cv2.Absdiff(a, b, difference);
        var mean = Cv2.Mean(difference).Val0;
        if (!(mean <= Tolerance)) throw new DisagreementException($"OpenCV's photograph differs from Srcnn's by {mean:F2} levels on average; no time is believed");
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"luma differs by {mean:F2} of 255 levels on average"));
    }
}
