using System.Diagnostics;
using System.Globalization;
using Srcnn.Engine.Upscaling;

namespace Srcnn.Bench.Startup;

/// <summary>"srcnn upscale" from file to file beside the sum of its stages: one photograph, and a folder of small pictures.</summary>
internal static class Flow
{
    private const string Model = "srcnn-9-1-5-x2";

    private const int Quality = 90;

    /// <summary>Rounds in turns; prints medians.</summary>
    /// <param name="files">What <see cref="Preparation.Photograph"/> and <see cref="Preparation.Folder"/> wrote.</param>
    public static void Run(string srcnn, string files, int rounds)
    {
        using var upscaler = Upscaler.Open(Model, new UpscalerOptions { Device = "host" });
        string photo = Path.Combine(files, Preparation.Photograph), folder = Path.Combine(files, Preparation.Folder);
        Compare("photograph", [photo], [photo, "-o", Path.Combine(files, "out.jpg"), "--quality", Text(Quality)], Path.Combine(files, "stages.jpg"), Quality);
        Compare("folder", Directory.GetFiles(folder), [folder, "-o", Path.Combine(files, "out")], Path.Combine(files, "stages.png"), null);

        void Compare(string name, string[] inputs, string[] arguments, string output, int? quality)
        {
            List<Stages> apart = [];
            List<(Cost Cost, double Megabytes)> whole = [];
            for (var round = 0; round < rounds; round++)
            {
                apart.Add(Stages.Of(upscaler, inputs, output, quality));
                whole.Add(Child(srcnn, ["upscale", .. arguments, "--overwrite", "--device", "host", "--model", Model]));
            }
            Console.WriteLine($"{name}: pictures {inputs.Length}, medians of {rounds} rounds");
            Print("decode", s => s.Decode);
            Print("colours", s => s.Colours);
            Print("network", s => s.Network);
            Print("encode", s => s.Encode);
            Print("sum", s => s.Sum);
            double wall = Median(whole.Select(w => w.Cost.Wall)), processor = Median(whole.Select(w => w.Cost.Processor));
            Console.WriteLine(Line("srcnn upscale", wall, processor));
            double network = Median(apart.Select(a => a.Network.Wall)), sum = Median(apart.Select(a => a.Sum.Processor));
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
                $"wall time {wall / network:F2} times that of the network alone, processor time {processor / sum:F2} times that of the stages; peak {whole.Max(w => w.Megabytes):F0} MB"));

            void Print(string stage, Func<Stages, Cost> cost) => Console.WriteLine(Line(stage, Median(apart.Select(a => cost(a).Wall)), Median(apart.Select(a => cost(a).Processor))));
        }
    }

    private static (Cost Cost, double Megabytes) Child(string program, string[] arguments)
    {
        var start = new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true, RedirectStandardError = true };
        var clock = Stopwatch.StartNew();
        using var child = Process.Start(start)!;
        var (drained, error) = (child.StandardOutput.ReadToEndAsync(), child.StandardError.ReadToEndAsync());
        var (processor, peak) = (TimeSpan.Zero, 0L);
        while (!child.WaitForExit(5))
        {
            try
            {
                child.Refresh();
                (processor, peak) = (child.TotalProcessorTime, Math.Max(peak, child.PeakWorkingSet64));
            }
            catch (InvalidOperationException)
            {
                // It has just ended.
            }
        }
        var wall = clock.Elapsed.TotalSeconds;
        _ = drained.Result;
        return child.ExitCode == 0 ? (new Cost(wall, processor.TotalSeconds), peak / (double)(1 << 20))
            : throw new InvalidOperationException($"{program} ended with {child.ExitCode}: {error.Result}");
    }

    private static double Median(IEnumerable<double> values)
    {
        double[] sorted = [.. values.Order()];
        return (sorted[(sorted.Length - 1) / 2] + sorted[sorted.Length / 2]) / 2;
    }

    private static string Line(string name, double wall, double processor) =>
        string.Create(CultureInfo.InvariantCulture, $"  {name,-14} {wall * 1000,9:F0} ms {processor * 1000,9:F0} ms of processor");

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);
}
