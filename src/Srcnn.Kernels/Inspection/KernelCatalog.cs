namespace Srcnn.Kernels;

/// <summary>Every kernel of the ILGPU backend.</summary>
public static class KernelCatalog
{
    /// <summary>Threads hold up to so many neighbouring floats.</summary>
    private const int MostLanes = 32;

    /// <summary>All kernel structs of the assembly, by name; generic ones once for each type they are used with.</summary>
    public static IReadOnlyList<Kernel> All { get; } =
    [
        .. typeof(IKernel).Assembly.GetTypes()
            .Where(type => type.IsValueType && (type.IsAssignableTo(typeof(IKernel)) || type.IsAssignableTo(typeof(IGroupKernel))))
            .OrderBy(type => type.Name, StringComparer.Ordinal)
            .SelectMany(Closed)
            .Select(type => new Kernel(type)),
    ];

    private static IEnumerable<Type> Closed(Type kernel)
    {
        if (!kernel.IsGenericTypeDefinition) return [kernel];
        return kernel.GetGenericArguments().Length == 1
            ? Lanes().Select(lanes => kernel.MakeGenericType(lanes))
            : from product in new[] { typeof(Conv2dForwardProduct), typeof(Conv2dWeightProduct) }
              from quads in new[] { typeof(OneQuad), typeof(TwoQuads) }
              select kernel.MakeGenericType(product, quads);
    }

    private static IEnumerable<Type> Lanes()
    {
        yield return typeof(Lane);
        var type = typeof(Pair<Pair<Lane>>);
        for (var lanes = 4; lanes <= MostLanes; lanes *= 2)
        {
            yield return type;
            type = typeof(Pair<>).MakeGenericType(type);
        }
    }
}
