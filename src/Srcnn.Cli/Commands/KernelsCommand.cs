using System.CommandLine;
using System.Globalization;
using Srcnn.Kernels;

namespace Srcnn.Cli.Commands;

/// <summary><c>srcnn kernels [NAME]</c></summary>
internal static class KernelsCommand
{
    public static Command Create(Session session)
    {
        var name = new Argument<string?>("name") { Description = "Only this kernel, or all variants of it.", Arity = ArgumentArity.ZeroOrOne };
        var ptx = new Option<bool>("--ptx") { Description = "Print the kernel's code for NVIDIA (sm_80)." };
        var openCl = new Option<bool>("--opencl") { Description = "Print the kernel's code in OpenCL C." };
        var json = new Option<bool>("--json") { Description = "Print one JSON document." };
        var command = new Command("kernels", "Lists the device kernels, with --device those chosen for it by measuring, and shows the code generated for them.") { name, ptx, openCl, json };
        command.SetAction(parse =>
        {
            var kernels = Named(parse.GetValue(name));
            if (parse.GetValue(ptx) || parse.GetValue(openCl))
            {
                if (kernels is not [var one]) throw new UsageException($"{kernels.Count} kernels are meant; expected one whose code to print; name one of {Names(kernels)}");
                if (parse.GetValue(ptx)) session.Terminal.Output.WriteLine(one.Ptx());
                if (parse.GetValue(openCl)) session.Terminal.Output.WriteLine(one.OpenCl());
                return ExitCode.Done;
            }
            var rows = kernels.AsParallel().AsOrdered().WithCancellation(session.Stop).Select(k => (Kernel: k, Loop: PtxReport.Of(k.Ptx()))).ToList();
            // Only what is named is opened: the kernels are the same everywhere.
            using var device = parse.GetValue(session.Device) == "auto" ? null : session.OpenBackend(parse);
            var chosen = device is IlgpuBackend tuned ? tuned.Choices.Beside(tuned).ToList() : [];
            if (parse.GetValue(json))
            {
                session.PrintJson(new
                {
                    Device = device?.Name,
                    Chosen = chosen.Select(c => new { c.Convolution, c.Kernel, c.Rule }),
                    Kernels = rows.Select(r => new { r.Kernel.Name, r.Kernel.Op, r.Kernel.Variant, r.Kernel.Lanes, Grouped = r.Kernel.IsGrouped, r.Loop }),
                });
                return ExitCode.Done;
            }
            PrintTable(session, rows);
            if (chosen.Count > 0) session.Terminal.Table($"chosen for {device!.Name} ({device.Description}) by 'srcnn benchmark --tune'", ["convolution", "kernel", "by rule"], [.. chosen.Select(c => (IReadOnlyList<string>)[c.Convolution, c.Kernel, c.Rule])], texts: 3);
            else if (device is { IsDevice: true }) session.Terminal.Output.WriteLine($"kernels for {device.Name} are chosen by rule; 'srcnn benchmark --tune --device {device.Name}' measures what is fastest on it");
            return ExitCode.Done;
        });
        return command;
    }

    private static void PrintTable(Session session, IReadOnlyList<(Kernel Kernel, PtxReport Loop)> rows) => session.Terminal.Table(
        "inner loops of the kernels, as PTX for sm_80: what a thread does in a turn; kernels without a loop are counted whole",
        ["kernel", "op", "accumulators", "multiply-adds", "share", "other float", "integer", "loads", "of 16 bytes", "bytes loaded", "flop per byte", "branches", "barriers", "shared bytes", "spills"],
        [
            .. rows.Select(r => (IReadOnlyList<string>)
            [
                r.Kernel.Name, r.Kernel.Op.Length > 0 ? r.Kernel.Op : "several", Text(r.Loop.Accumulators), Text(r.Loop.MultiplyAdds), r.Loop.MultiplyAddShare.ToString("P0", CultureInfo.InvariantCulture), Text(r.Loop.OtherFloat), Text(r.Loop.Integer), Text(r.Loop.Loads),
                Text(r.Loop.QuadLoads), Text(r.Loop.LoadedBytes), r.Loop.Intensity?.ToString("F2", CultureInfo.InvariantCulture) ?? "-", Text(r.Loop.Branches), Text(r.Loop.Barriers), Text(r.Loop.SharedBytes), r.Loop.UsesLocalMemory ? "yes" : "no",
            ]),
        ],
        texts: 2);

    private static IReadOnlyList<Kernel> Named(string? name)
    {
        if (name is null) return KernelCatalog.All;
        List<Kernel> found = [.. KernelCatalog.All.Where(k => Is(k.Name, name) || Is(k.Name.Split(':')[0], name))];
        if (found.Count > 0) return found;
        var near = Spelling.Nearest(name, KernelCatalog.All.Select(k => k.Name));
        throw new UsageException($"kernel '{name}' is unknown; {(near is null ? "expected a name from 'srcnn kernels'" : $"did you mean '{near}'?")}; see 'srcnn kernels'");
    }

    private static bool Is(string a, string b) => a.Equals(b, StringComparison.OrdinalIgnoreCase);

    private static string Names(IReadOnlyList<Kernel> kernels) => string.Join(", ", kernels.Take(6).Select(k => k.Name)) + (kernels.Count > 6 ? ", …" : "");

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);
}
